import { age } from './age.js';
import type { Facts } from './facts.js';
import { fit, type Size } from './fit.js';
import { cutLine, type Line } from './lines.js';
import { viewOf } from './view.js';

/** The whole board as lines that fit, for a text painter. */
export function boardLines(facts: Facts, now: Date, size: Size): Line[] {
  const warnings = warningsOf(facts, now);
  const rows = Math.max(1, size.rows - warnings.length);
  const lines = [...warnings, ...fit(viewOf(facts, now), { ...size, rows })].slice(0, size.rows);
  return lines.map((line) => withoutBlankEnd(cutLine(line, size.columns)));
}

function warningsOf({ disconnectedSince: since }: Facts, now: Date): Line[] {
  if (!since) return [];
  const text = `! no connection to NATS for ${age(since.toISOString(), now)}: the board may be out of date`;
  return [[{ text, tone: 'bad' }], []];
}

function withoutBlankEnd(line: Line): Line {
  const last = line.at(-1);
  if (!last) return line;
  const text = last.text.trimEnd();
  return text === '' ? withoutBlankEnd(line.slice(0, -1)) : [...line.slice(0, -1), { ...last, text }];
}
