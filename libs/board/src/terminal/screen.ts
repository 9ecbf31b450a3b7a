import type { WriteStream } from 'node:tty';
import type { Size } from '../fit.js';

/** A part of the terminal that is drawn again and again in place. */
export interface Screen {
  /** Schedules a drawing; several calls at once draw once. */
  update(): void;
  /** Writes text that stays, above the drawing. */
  print(text: string): void;
  /** Draws a last time and leaves that drawing on the terminal. */
  end(): void;
}

export interface ScreenOptions {
  /** Uses the whole terminal, as `top` does, and restores it at the end. Nothing may be printed in between. */
  readonly whole?: boolean;
}

/** Ages change without an event. */
const everyMs = 1_000;
/** People cannot read faster. */
const atMostEveryMs = 50;

// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
const home = '\u001b[H';
const eraseScreen = '\u001b[2J';
const eraseBelow = '\u001b[J';
const eraseRestOfLine = '\u001b[K';
const [enterAlternate, leaveAlternate] = ['\u001b[?1049h', '\u001b[?1049l'];
// If a line is wider for the terminal than for us, the terminal cuts it instead of wrapping it.
const [wrapOff, wrapOn] = ['\u001b[?7l', '\u001b[?7h'];

export function openScreen(stream: WriteStream, draw: (size: Size) => string, options: ScreenOptions = {}): Screen {
  const { whole = false } = options;
  let pending: NodeJS.Timeout | undefined;
  let height = 0;
  let stays = '';
  /** Moves to the start of the last drawing. */
  const back = () => (whole ? home : height > 1 ? `\u001b[${height - 1}A\r` : '\r');
  const show = () => {
    clearTimeout(pending);
    pending = undefined;
    const size = { columns: stream.columns || 80, rows: stream.rows || 24 };
    const lines = draw(size).split('\n').slice(0, size.rows);
    stream.write(`${wrapOff}${back()}${lines.join(`${eraseRestOfLine}\n`)}${eraseRestOfLine}${eraseBelow}${wrapOn}`);
    height = lines.length;
  };
  const update = () => {
    pending ??= setTimeout(show, atMostEveryMs);
  };
  /** After a resize, some terminals wrap their text again and others cut it: the position of the last drawing is unknown. */
  const redraw = () => {
    stream.write(`${eraseScreen}${home}${stays}`);
    height = 0;
    show();
  };
  const ticking = setInterval(update, everyMs);
  stream.on('resize', redraw);
  if (whole) stream.write(`${enterAlternate}${eraseScreen}`);
  show();
  return {
    update,
    print(text) {
      stays = text;
      stream.write(`${back()}${eraseBelow}${text}`);
      height = 0;
      show();
    },
    end() {
      clearInterval(ticking);
      stream.off('resize', redraw);
      if (whole) {
        stream.write(leaveAlternate);
        clearTimeout(pending);
        stream.write(`${draw({ columns: stream.columns || 80, rows: Number.POSITIVE_INFINITY })}\n`);
      } else {
        show();
        stream.write('\n');
      }
    },
  };
}
