import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The width of the text on a terminal, in columns: an ideograph and most emoji take two, a combining mark none. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** The text cut to so many columns, ending with an ellipsis. */
export function cut(text: string, columns: number): string {
  return widthOf(text) <= columns ? text : `${splitAt(text, columns - 1)[0]}…`;
}

/** The text padded with blanks to so many columns. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

/** The part that fits into so many columns, and the rest. */
export function splitAt(text: string, columns: number): [fits: string, rest: string] {
  let [end, width] = [0, 0];
  for (const { segment } of graphemes.segment(text)) {
    width += widthOf(segment);
    if (width > columns) break;
    end += segment.length;
  }
  return [text.slice(0, end), text.slice(end)];
}
