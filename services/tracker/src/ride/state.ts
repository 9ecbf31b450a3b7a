import {
  partCommit,
  projectObserved,
  promotionFailure,
  promotionRequested,
  ticketSchema,
  trackChecked,
} from '@k8sta/contracts';
import { z } from 'zod';
import { knownRelation, observation } from '../observation.js';

/** A Ticket's place in its lane: the sender's push time, ties by stream sequence. */
export const laneOrder = z.object({ ticket: z.string(), pushedAt: z.string(), sequence: z.number() });
export type LaneOrder = z.infer<typeof laneOrder>;

const partAnswer = z.discriminatedUnion('is', [
  /** `delay`: why the promoter cannot commit it yet. */
  z.object({ is: z.literal('open'), delay: z.string().optional() }),
  z.object({ is: z.literal('committed'), commit: partCommit }),
  z.object({ is: z.literal('failed'), reason: promotionFailure, message: z.string() }),
]);

/** One (repository, branch) of a promotion: what was requested and what the promoter answered. */
export const part = z.object({ request: promotionRequested.schema, answer: partAnswer });
export type Part = z.infer<typeof part>;

/** What is known about one Application in one promotion. */
export const applicationProgress = z.object({
  /** How the compared revision relates to our commit. */
  relation: knownRelation.optional(),
  /** The same for the revision of a failed sync. */
  failedSync: knownRelation.optional(),
  /** The same for the tip of the branch: asked before the Ticket leaves the Station. */
  tip: knownRelation.optional(),
  /** The last observed revision that contained our commit. */
  contained: z.string().optional(),
  /** It has arrived after this promotion: latched against flapping. */
  arrived: z.object({ revision: z.string(), rendered: z.boolean() }).optional(),
  /** Why it no longer counts: it was selected by labels, and it was deleted or lost the labels. */
  left: z.string().optional(),
  /** Refreshes requested. */
  refreshes: z.object({ count: z.number(), askedAt: z.string() }).optional(),
});
export type ApplicationProgress = z.infer<typeof applicationProgress>;

/** The current promotion of a Ticket, or the one that brought it to its Station. */
export const promotion = z.object({
  id: z.string(),
  station: z.string(),
  parts: z.array(part),
  /** When the last part was committed. */
  committedAt: z.string().optional(),
  /** By `namespace/name`. */
  applications: z.record(z.string(), applicationProgress),
  /** Since when the deadline does not run. */
  haltedSince: z.string().optional(),
});
export type Promotion = z.infer<typeof promotion>;

/** A Ticket on its way, with its latest promotion. */
export const liveTicket = z.object({ ticket: ticketSchema, promotion: promotion.optional() });
export type LiveTicket = z.infer<typeof liveTicket>;

/** Everything that decisions about one Track depend on, except the Moment. */
export const trackState = z.object({
  track: z.string(),
  /** By id. */
  tickets: z.record(z.string(), liveTicket),
  /** By image repository. */
  lanes: z.record(z.string(), z.object({ newest: laneOrder, entered: z.record(z.string(), laneOrder) })),
  /** By `namespace/name`. */
  observations: z.record(z.string(), observation),
  /** By `instance/name`: the projects of its Applications that have sync windows. */
  projects: z.record(z.string(), projectObserved.schema),
  /** The last findings about the Track. */
  findings: trackChecked.schema.shape.findings,
});
export type TrackState = z.infer<typeof trackState>;

export function emptyTrack(track: string): TrackState {
  return { track, tickets: {}, lanes: {}, observations: {}, projects: {}, findings: [] };
}
