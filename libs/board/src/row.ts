/** What words mean. A painter decides how that looks: a colour on a terminal, a class in a page. */
export type Tone = 'good' | 'busy' | 'bad' | 'moving' | 'quiet' | 'strong';

/** Words of one tone. */
export interface Span {
  readonly text: string;
  readonly tone?: Tone;
}

/** One of several things that stand side by side in a row. */
export interface Item {
  readonly spans: readonly Span[];
  readonly trouble: boolean;
}

/** One row of the board. It becomes several lines where trouble needs more room than a line has. */
export interface Row {
  readonly spans: readonly Span[];
  /** What follows the spans side by side. Items in trouble are always shown; others are counted where room is short. */
  readonly items?: readonly Item[];
  /** Somebody has to read this row to its end. */
  readonly trouble: boolean;
}
