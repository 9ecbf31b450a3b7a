import { cut, type Facts, type Size } from '@k8sta/board';
import { drawBoard, openScreen, type Screen } from '@k8sta/board/terminal';

/** Shows what happens: on a terminal the board with the last lines below it, else line by line. */
export interface Output {
  /** Adds a line with a timestamp. */
  say(line: string): void;
  /** Prints text that the board does not overwrite. */
  print(text: string): void;
  /** Shows these facts on the board from now on. */
  show(facts: Facts): void;
  /** Draws the board again, because the facts have changed. */
  update(): void;
  /** Leaves the board as it is; later lines are printed below it. */
  end(): void;
}

/** How many of the last lines are below the board, at most. */
const linesBelow = 10;

export function openOutput(stream: NodeJS.WriteStream, startedAt = performance.now()): Output {
  const stamp = (line: string) => `${((performance.now() - startedAt) / 1000).toFixed(2).padStart(6)}s  ${line}`;
  const lines: string[] = [];
  let facts: Facts | undefined;
  let screen: Screen | undefined;
  const draw = ({ columns, rows }: Size): string => {
    const board = facts ? drawBoard(facts, new Date(), { columns, rows: rows - 1 }) : '';
    const left = Math.min(linesBelow, rows - board.split('\n').length - 2);
    const below = left > 0 ? lines.slice(-left).map((line) => cut(line, columns)) : [];
    return [board, '', ...below].join('\n');
  };
  return {
    say(line) {
      const stamped = stamp(line);
      lines.push(stamped);
      if (screen) screen.update();
      else stream.write(`${stamped}\n`);
    },
    print(text) {
      if (screen) screen.print(text);
      else stream.write(text);
    },
    show(now) {
      facts = now;
      if (stream.isTTY) screen = openScreen(stream, draw);
    },
    update: () => screen?.update(),
    end() {
      screen?.end();
      screen = undefined;
    },
  };
}
