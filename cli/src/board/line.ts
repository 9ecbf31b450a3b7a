import type picocolors from 'picocolors';
import { cut } from './text.js';

/** The colours, or none: picocolors knows of NO_COLOR and of outputs that are no terminal. */
export type Paint = ReturnType<typeof picocolors.createColors>;

/** Words in one colour. */
export interface Span {
  readonly text: string;
  readonly colour?: 'green' | 'yellow' | 'red' | 'cyan' | 'dim' | 'bold';
}

/** Spans side by side, cut where the terminal ends, and only then painted: colours have no width. */
export function paintLine(spans: readonly Span[], columns: number, paint: Paint): string {
  let left = columns;
  let line = '';
  for (const { text, colour } of spans) {
    const shown = cut(text, left);
    left -= [...shown].length;
    line += colour ? paint[colour](shown) : shown;
    if (left <= 0) break;
  }
  return line.trimEnd();
}
