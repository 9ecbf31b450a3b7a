import type { TrackDocument } from './document.js';

/** Where the Tracks' documents live and how they are woken. */
export interface TrackStore {
  load(track: string): Promise<TrackDocument | undefined>;
  /**
   * Saves the document and when it is due, in one atomic step, if the stored version still is `expected` (0: none is
   * stored). False when somebody else was first: nothing was saved.
   */
  save(track: string, document: TrackDocument, expected: number, dueAt: number | undefined): Promise<boolean>;
  /** Sets when the Track is due if its stored version still is this one. */
  postpone(track: string, version: number, dueAt: number | undefined): Promise<void>;
  /** The Tracks that were due at this time, in milliseconds since the epoch. */
  due(now: number): Promise<string[]>;
}
