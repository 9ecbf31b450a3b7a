import {
  applicationObserved,
  gitRelation,
  partCommit,
  projectObserved,
  promotionFailure,
  promotionRequested,
  ticketSchema,
  trackChecked,
} from '@k8sta/contracts';
import { z } from 'zod';

/** Where a Ticket stands among the others of its lane: the sender's push time, ties by stream sequence. */
export const laneOrder = z.object({ ticket: z.string(), pushedAt: z.string(), sequence: z.number() });
export type LaneOrder = z.infer<typeof laneOrder>;

/** What the promoter said of the commit of one Application and one observed revision. */
export const learnt = z.object({ revision: z.string(), answer: gitRelation.reply, askedAt: z.string() });
export type Learnt = z.infer<typeof learnt>;

/** The promotion that a Ticket is in, or the one that brought it where it is. */
export const promotion = z.object({
  id: z.string(),
  station: z.string(),
  requests: z.array(promotionRequested.schema),
  commits: z.array(partCommit),
  failures: z.array(z.object({ part: z.number(), reason: promotionFailure, message: z.string() })),
  /** By part, why the promoter cannot commit it for now; absent in documents of earlier versions. */
  delays: z.record(z.string(), z.string()).optional(),
  committedAt: z.string().optional(),
  /** By Application. */
  learnt: z.record(z.string(), learnt),
  /** By Application, the same of a sync that failed; absent in documents of earlier versions. */
  failedSyncs: z.record(z.string(), learnt).optional(),
  /** Applications that have arrived once after this promotion, with the revision: latched against flapping. */
  arrived: z.record(z.string(), z.string()),
  /** Of those, the ones for which nothing was deployed, because nothing rendered had changed. */
  unrendered: z.array(z.string()).optional(),
  /** By Application, the last revision seen there that contained our commit. */
  contained: z.record(z.string(), z.string()).optional(),
  /** Refreshes asked for, by Application. */
  refreshes: z.record(z.string(), z.object({ count: z.number(), askedAt: z.string() })),
});
export type Promotion = z.infer<typeof promotion>;

/** A Ticket that is still riding. */
export const rider = z.object({ ticket: ticketSchema, promotion: promotion.optional() });
export type Rider = z.infer<typeof rider>;

/** An Application as last observed. */
export const sighting = z.object({
  observed: applicationObserved.schema,
  gone: z.boolean(),
  /** The resourceVersion at which it was found gone, where that is known. */
  goneAt: z.string().optional(),
  /** When its health was first seen Degraded since the last sync began, until it is seen otherwise. */
  degradedSince: z.string().optional(),
});
export type Sighting = z.infer<typeof sighting>;

/** Everything that is decided from, for one Track. */
export const trackState = z.object({
  track: z.string(),
  riders: z.record(z.string(), rider),
  /** Tickets whose ride is over, and since when: an id seen before is a no-op. */
  closed: z.record(z.string(), z.string()),
  /** By image repository. */
  lanes: z.record(z.string(), z.object({ newest: laneOrder, entered: z.record(z.string(), laneOrder) })),
  /** By `namespace/name`. */
  sightings: z.record(z.string(), sighting),
  /** By Argo CD instance: as of when its watcher's picture is known to be current. */
  currentAsOf: z.record(z.string(), z.string()),
  /** By `instance/name`: the projects of its Applications, for the sync windows they have. */
  projects: z.record(z.string(), projectObserved.schema).optional(),
  /** What was last found wrong with the Track. */
  findings: trackChecked.schema.shape.findings.optional(),
});
export type TrackState = z.infer<typeof trackState>;

export function emptyTrack(track: string): TrackState {
  return { track, riders: {}, closed: {}, lanes: {}, sightings: {}, currentAsOf: {} };
}
