import type { WriteStream } from 'node:tty';
import { createLogUpdate } from 'log-update';

/** The end of a terminal that is drawn again and again in place. */
export interface Screen {
  /** Draws soon; many calls at once draw once. */
  update(): void;
  /** Writes what stays, above. */
  print(text: string): void;
  /** Draws a last time and leaves it standing. */
  end(): void;
}

/** Ages move by themselves. */
const everyMs = 1_000;
/** More often than that nobody can read. */
const atMostEveryMs = 50;

export function openScreen(stream: WriteStream, draw: (columns: number, rows: number) => string): Screen {
  const write = createLogUpdate(stream, { showCursor: true });
  let pending: NodeJS.Timeout | undefined;
  const show = () => {
    clearTimeout(pending);
    pending = undefined;
    write(draw(stream.columns || 80, stream.rows || 24));
  };
  const update = () => {
    pending ??= setTimeout(show, atMostEveryMs);
  };
  const ticking = setInterval(update, everyMs);
  stream.on('resize', update);
  show();
  return {
    update,
    print(text) {
      write.clear();
      stream.write(text);
      show();
    },
    end() {
      clearInterval(ticking);
      stream.off('resize', update);
      show();
      write.done();
    },
  };
}
