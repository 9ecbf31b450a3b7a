import type { ApplicationSource } from '@k8sta/applications';
import type { ArrivalPolicy } from '../arrival/verdict.js';

/** How long things may take, in milliseconds. */
export interface Policy extends ArrivalPolicy {
  /** Until when a commit may be made, from the request. */
  readonly commitDeadlineMs: number;
  /** How long a Ticket may be open. */
  readonly maxAgeMs: number;
  /** How long nothing may change at a Station before a Ticket there gives way to a newer one. */
  readonly patienceMs: number;
  /** Between the first two requests for a refresh of one Application; each further interval is twice as long ... */
  readonly refreshEveryMs: number;
  /** ... up to this. */
  readonly refreshAtMostEveryMs: number;
}

/** Facts of the moment of a decision, which are not in any document. */
export interface Moment {
  readonly now: Date;
  /** By Argo CD instance, the freshness watermark: as of when its watcher's observations are known to be current. */
  readonly currentAsOf: Readonly<Record<string, string>>;
  /** What every observed Application reads, on a Track or not, by normalised repository. */
  readonly sourcesOf: (repository: string) => readonly ApplicationSource[];
  /** The largest message that NATS accepts, in bytes. */
  readonly maxPayload: number;
}
