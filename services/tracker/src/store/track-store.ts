import type { TrackDocument } from './document.js';

/** What happens to a Track's document, its timer and its ended Tickets in one atomic step. */
export interface Save {
  readonly document: TrackDocument;
  /** The document as JSON, where it is known already. */
  readonly text?: string;
  /** The save that the stored document must come from (see `saveOf`); '' if none may be stored. */
  readonly expected: string;
  /** When the Track is due, in milliseconds since the epoch; undefined for never. */
  readonly dueAt: number | undefined;
  /** Tickets that ended with this save. */
  readonly ended: readonly string[];
  /** The time of the save, in milliseconds since the epoch. */
  readonly at: number;
}

/** A Ticket that has ended. */
export interface EndedTicket {
  readonly id: string;
  /** In milliseconds since the epoch. */
  readonly endedAt: number;
}

/** Where the documents of the Tracks are kept, when they are due, and which Tickets have ended. */
export interface TrackStore {
  load(track: string): Promise<TrackDocument | undefined>;
  /** The save that the stored document comes from; '' if none is stored. */
  storedSave(track: string): Promise<string>;
  /**
   * False if another tracker was first: nothing was saved. Throws `OtherTracks`, and saves nothing, while other tracks
   * files are current than this tracker's.
   */
  save(save: Save): Promise<boolean>;
  /** Stores a copy of the document, due at once. It decides nothing, so a tracker with any tracks files may do it. */
  restore(document: TrackDocument, expected: string): Promise<boolean>;
  /** Sets when the Track is due. False if the stored document comes from another save: nothing was set. Throws as `save`. */
  postpone(track: string, expected: string, dueAt: number | undefined): Promise<boolean>;
  /** The Tracks that are due at this time, in milliseconds since the epoch. */
  due(now: number): Promise<string[]>;
  hasEnded(track: string, ticket: string): Promise<boolean>;
  /** The Tickets of the Track that have ended, those that ended last first; all that are remembered without a limit. */
  endedTickets(track: string, limit?: number): Promise<EndedTicket[]>;
  /** Forgets the Tickets that ended before that time, and those beyond the newest `keep`; returns them. */
  forgetEnded(track: string, before: number, keep: number): Promise<string[]>;
}
