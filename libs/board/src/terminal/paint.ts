import picocolors from 'picocolors';
import { boardLines } from '../board.js';
import type { Facts } from '../facts.js';
import type { Size } from '../fit.js';
import type { Line } from '../lines.js';
import type { Tone } from '../row.js';

/** The colours, or none: picocolors respects NO_COLOR and outputs that are not a terminal. */
export type Paint = ReturnType<typeof picocolors.createColors>;

const colours = {
  good: 'green',
  busy: 'yellow',
  bad: 'red',
  moving: 'cyan',
  quiet: 'dim',
  strong: 'bold',
} as const satisfies Record<Tone, keyof Paint>;

/** The board as text of this size, in colour if the terminal supports it. */
export function drawBoard(facts: Facts, now: Date, size: Size, paint: Paint = picocolors): string {
  return boardLines(facts, now, size)
    .map((line) => paintLine(line, paint))
    .join('\n');
}

function paintLine(line: Line, paint: Paint): string {
  return line.map(({ text, tone }) => (tone ? paint[colours[tone]](text) : text)).join('');
}
