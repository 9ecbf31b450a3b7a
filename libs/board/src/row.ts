/** The meaning of a text. A painter decides how it looks: a colour on a terminal, a class in a page. */
export type Tone = 'good' | 'busy' | 'bad' | 'moving' | 'quiet' | 'strong';

/** A text with one tone. */
export interface Span {
  readonly text: string;
  readonly tone?: Tone;
}

/** One of several items side by side in a row. */
export interface Item {
  readonly spans: readonly Span[];
  readonly trouble: boolean;
}

/** One row of the board. It becomes several lines if trouble does not fit on one. */
export interface Row {
  readonly spans: readonly Span[];
  /** The items after the spans, side by side. Items in trouble are always shown; others are counted if they do not fit. */
  readonly items?: readonly Item[];
  /** The row must not be cut, because a person has to read all of it. */
  readonly trouble: boolean;
}
