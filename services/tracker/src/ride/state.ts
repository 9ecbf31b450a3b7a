import {
  gitRelation,
  imageRef,
  partCommit,
  projectObserved,
  promotionFailure,
  promotionRequested,
  proposalRef,
  supersedeReason,
  ticketFailure,
  ticketSchema,
  trackChecked,
} from '@k8sta/contracts';
import { z } from 'zod';
import { knownRelation, observation } from '../observation.js';

/** A Ticket's place in its lane: its version, or the sender's push time, with ties by stream sequence. */
export const laneOrder = z.object({
  ticket: z.string(),
  tag: z.string().optional(),
  pushedAt: z.string(),
  sequence: z.number(),
});
export type LaneOrder = z.infer<typeof laneOrder>;

/** An image that arrived at a Station. */
export const arrival = z.object({ order: laneOrder, image: imageRef, at: z.string() });
export type Arrival = z.infer<typeof arrival>;

/** The image that K8sTA committed last at a Station, and how to ask whether the files still name it. */
export const standing = z.object({
  ticket: z.string(),
  image: imageRef,
  /** Absent while it has not arrived. */
  arrivedAt: z.string().optional(),
  /** By `namespace/name`: the question about the tip of the branch, and the last answer. */
  applications: z.record(z.string(), z.object({ request: gitRelation.request, tip: knownRelation.optional() })),
  /** The operator who let Tickets go on although a person changed the image. */
  resumed: z.object({ by: z.string(), at: z.string() }).optional(),
});
export type Standing = z.infer<typeof standing>;

/** The Tickets of one image repository on a Track. By Station: who entered, what arrived (newest first), what is there. */
export const lane = z.object({
  newest: laneOrder,
  entered: z.record(z.string(), laneOrder),
  arrivals: z.record(z.string(), z.array(arrival)).default({}),
  standing: z.record(z.string(), standing).default({}),
  /** Since when a Station has been broken: a change failed there, and none has arrived and nothing was rolled back since. */
  brokenSince: z.record(z.string(), z.string()).optional(),
});
export type Lane = z.infer<typeof lane>;

const partAnswer = z.discriminatedUnion('is', [
  /** `delay`: why the promoter cannot commit it yet. */
  z.object({ is: z.literal('open'), delay: z.string().optional() }),
  /** A pull request is open. `message`: what the forge says is missing; `heardAt`: the last word of the promoter, or to it. */
  z.object({
    is: z.literal('proposed'),
    proposal: proposalRef,
    since: z.string(),
    heardAt: z.string(),
    message: z.string().optional(),
  }),
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
  /** Why it no longer counts, even if it is created again: it was selected by labels, and it was deleted. */
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
  kind: z.literal('rollback').optional(),
});
export type Promotion = z.infer<typeof promotion>;

/** How a Ticket ends, or goes back, once the promoter has answered or what it committed is judged. */
export const ending = z.discriminatedUnion('is', [
  z.object({ is: z.literal('cancelled'), by: z.string(), message: z.string() }),
  z.object({ is: z.literal('superseded'), by: z.string(), reason: supersedeReason, message: z.string() }),
  z.object({ is: z.literal('failed'), reason: ticketFailure, message: z.string() }),
  /** It waits again where it was. */
  z.object({ is: z.literal('paused'), message: z.string() }),
]);
export type Ending = z.infer<typeof ending>;

/** The place of a word in the stream: what was said before it changes nothing. */
export const said = z.object({ at: z.string(), sequence: z.number() });
export type Said = z.infer<typeof said>;

/** A check that was requested for a Ticket, and what was reported. */
export const check = z.object({
  until: z.string(),
  outcome: z.enum(['passed', 'failed']).optional(),
  by: z.string().optional(),
  message: z.string().optional(),
  said: said.optional(),
});
export type Check = z.infer<typeof check>;

/** What is known of something on another Track; asked again when an event says that it changed, or after a while. */
export const elsewhere = z.object({ askedAt: z.string().optional(), is: z.string().optional() });

/** A Ticket that a junction opened. */
export const child = elsewhere.extend({ ticket: z.string(), message: z.string().optional() });
export type Child = z.infer<typeof child>;

/** A Ticket on its way, with its latest promotion. */
export const liveTicket = z.object({
  ticket: ticketSchema,
  promotion: promotion.optional(),
  /** The promotion that brought it to the Station where it waited before it requested the present one. */
  earlier: promotion.optional(),
  /** Where it ends, if that is not the last Station: an operator's word opened it for this one. */
  lastStop: z.string().optional(),
  /** An operator lets it pass gates and blocks, up to and including a Station. */
  express: z
    .object({ by: z.string(), message: z.string(), until: z.string().optional(), said: said.optional() })
    .optional(),
  /** By Station. */
  approvals: z.record(z.string(), z.array(z.string())).optional(),
  /** By `station/name`. */
  checks: z.record(z.string(), check).optional(),
  /** By `track/station`: whether the image has arrived there. */
  after: z.record(z.string(), elsewhere).optional(),
  /** By Track: the Tickets that the junction `next` opened. */
  children: z.record(z.string(), child).optional(),
  ending: ending.optional(),
});
export type LiveTicket = z.infer<typeof liveTicket>;

/** A pause of the Track or of a Station, and when it was last changed. `by` is absent after it was resumed. */
export const pause = said.extend({
  by: z.string().optional(),
  message: z.string().optional(),
});
export type Pause = z.infer<typeof pause>;

/** Everything that decisions about one Track depend on, except the Moment. */
export const trackState = z.object({
  track: z.string(),
  /** By id. */
  tickets: z.record(z.string(), liveTicket),
  /** By image repository. */
  lanes: z.record(z.string(), lane),
  /** By Station; '' is the whole Track. */
  pauses: z.record(z.string(), pause).default({}),
  /** By `namespace/name`. */
  observations: z.record(z.string(), observation),
  /** By `instance/name`: the projects of its Applications that have sync windows. */
  projects: z.record(z.string(), projectObserved.schema),
  /** The last findings about the Track. */
  findings: trackChecked.schema.shape.findings,
});
export type TrackState = z.infer<typeof trackState>;

export function emptyTrack(track: string): TrackState {
  return { track, tickets: {}, lanes: {}, pauses: {}, observations: {}, projects: {}, findings: [] };
}
