import type { Item, Row, Span } from './row.js';
import { cut, splitAt, widthOf } from './width.js';

/** One line, no wider than requested. */
export type Line = readonly Span[];

/** The indentation of the lines that continue a row. */
const indent = 6;

/** The row as lines of so many columns: trouble continues on further lines, everything else is cut or counted. */
export function linesOf({ spans, items, trouble }: Row, columns: number): Line[] {
  if (items) return withItems(spans, items, columns);
  return trouble ? wrap(spans, columns) : [cutLine(spans, columns)];
}

function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + widthOf(text), 0);
}

export function cutLine(spans: Line, columns: number): Line {
  const line: Span[] = [];
  let left = columns;
  for (const span of spans) {
    if (left <= 0) break;
    const text = cut(span.text, left);
    line.push({ ...span, text });
    left -= widthOf(text);
    if (text !== span.text) break;
  }
  return line;
}

/** Breaks between words, and within a word that is wider than a line. */
function wrap(spans: Line, columns: number): Line[] {
  const lines: Span[][] = [[]];
  let width = 0;
  const add = (span: Span) => {
    lines.at(-1)?.push(span);
    width += widthOf(span.text);
  };
  const breakLine = () => {
    const blank = ' '.repeat(Math.min(indent, Math.max(0, columns - 2)));
    lines.push([{ text: blank }]);
    width = blank.length;
  };
  for (const { text, ...tone } of spans) {
    for (const word of text.match(/\s+|\S+/g) ?? []) {
      const blank = word.trim() === '';
      if (width + widthOf(word) > columns && (blank || width > indent)) breakLine();
      if (blank && lines.length > 1 && width <= indent) continue;
      let rest = word;
      while (width + widthOf(rest) > columns && width < columns) {
        const [fits, left] = splitAt(rest, columns - width);
        // A terminal with one column cannot show a character that takes two.
        if (fits === '') break;
        add({ ...tone, text: fits });
        breakLine();
        rest = left;
      }
      add({ ...tone, text: rest });
    }
  }
  return lines;
}

const gap = '  ';

/** The items side by side. Those in trouble take as many lines as they need; the others fill the last one. */
function withItems(head: Line, items: readonly Item[], columns: number): Line[] {
  const headWidth = lineWidth(head);
  const start = headWidth <= columns / 2 ? headWidth : indent;
  const lines: Span[][] = [[...cutLine(head, columns)]];
  let width = Math.min(headWidth, columns);
  let first = true;
  const put = (spans: Line) => {
    lines.at(-1)?.push(...(first ? [] : [{ text: gap }]), ...spans);
    width += lineWidth(spans) + (first ? 0 : gap.length);
    first = false;
  };
  const nextLine = () => {
    lines.push([{ text: ' '.repeat(start) }]);
    width = start;
    first = true;
  };
  const fits = (needed: number) => width + (first ? 0 : gap.length) + needed <= columns;
  const ordered = [...items.filter(({ trouble }) => trouble), ...items.filter(({ trouble }) => !trouble)];
  for (const [at, { spans, trouble }] of ordered.entries()) {
    const left = ordered.length - at - 1;
    const more = moreItems(left);
    const needed = lineWidth(spans) + (left > 0 && !trouble ? gap.length + widthOf(more) : 0);
    if (!fits(needed) && (trouble || at === 0) && !(first && width === start)) nextLine();
    if (fits(needed)) put(spans);
    else if (trouble || at === 0) {
      const [line = [], ...further] = wrap([{ text: ' '.repeat(start) }, ...spans], columns);
      lines.splice(-1, 1, [...line], ...further.map((each) => [...each]));
      width = lineWidth(lines.at(-1) ?? []);
      first = false;
    } else {
      if (!fits(widthOf(moreItems(left + 1)))) nextLine();
      put([{ text: moreItems(left + 1), tone: 'quiet' }]);
      break;
    }
  }
  return lines;
}

function moreItems(number: number): string {
  return `+${number} more`;
}
