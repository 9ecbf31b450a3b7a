import { cut, type Facts, type Size } from '@k8sta/board';
import { drawBoard, openScreen, type Screen } from '@k8sta/board/terminal';

/** Where the demo tells what happens: on a terminal the board with the last lines below it, else line by line. */
export interface Output {
  /** One thing that has happened. */
  say(line: string): void;
  /** Text that stays. */
  print(text: string): void;
  /** From now on the board shows these facts. */
  show(facts: Facts): void;
  /** The facts have changed. */
  update(): void;
  /** Leaves the board as it stands; from now on everything is printed. */
  end(): void;
}

/** How many of the last lines stand below the board, at most. */
const linesBelow = 10;

export function openOutput(stream: NodeJS.WriteStream, begun = performance.now()): Output {
  const stamp = (line: string) => `${((performance.now() - begun) / 1000).toFixed(2).padStart(6)}s  ${line}`;
  const said: string[] = [];
  let facts: Facts | undefined;
  let screen: Screen | undefined;
  const draw = ({ columns, rows }: Size): string => {
    const board = facts ? drawBoard(facts, new Date(), { columns, rows: rows - 1 }) : '';
    const left = Math.min(linesBelow, rows - board.split('\n').length - 2);
    const below = left > 0 ? said.slice(-left).map((line) => cut(line, columns)) : [];
    return [board, '', ...below].join('\n');
  };
  return {
    say(line) {
      const stamped = stamp(line);
      said.push(stamped);
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
