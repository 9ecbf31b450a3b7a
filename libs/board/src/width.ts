import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** How many columns a terminal gives the text: an ideograph and most emoji take two, a combining mark none. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** Cut to so many columns, with a sign that it was. */
export function cut(text: string, columns: number): string {
  return widthOf(text) <= columns ? text : `${splitAt(text, columns - 1)[0]}…`;
}

/** The text filled up with blanks to so many columns. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

/** What fits into so many columns, and the rest. */
export function splitAt(text: string, columns: number): [fits: string, rest: string] {
  let [end, width] = [0, 0];
  for (const { segment } of graphemes.segment(text)) {
    width += widthOf(segment);
    if (width > columns) break;
    end += segment.length;
  }
  return [text.slice(0, end), text.slice(end)];
}
