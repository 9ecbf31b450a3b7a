import { applicationObserved, type DataOf, gitRelation } from '@k8sta/contracts';
import { z } from 'zod';

/** One Argo CD Application as it was last observed. */
export const observation = z.object({
  observed: applicationObserved.schema,
  gone: z.boolean(),
  /** The resourceVersion at which it was found gone, where that is known. */
  goneAt: z.string().optional(),
  /** When its health was first observed Degraded since the last sync began, until it is observed otherwise. */
  degradedSince: z.string().optional(),
  /** Whether its health was observed as something other than Healthy since the last sync began. */
  leftHealthy: z.boolean().optional(),
});
export type Observation = z.infer<typeof observation>;

/** What the promoter said of one revision: how it relates to our commit, and whether its files name our image. */
export const knownRelation = z.object({ revision: z.string(), answer: gitRelation.reply, askedAt: z.string() });
export type KnownRelation = z.infer<typeof knownRelation>;

/** The observation that follows from a new one and what was known before. */
export function observe(known: Observation | undefined, observed: Observation['observed']): Observation {
  const isSameRollout =
    known?.observed.uid === observed.uid && known.observed.operation?.startedAt === observed.operation?.startedAt;
  const leftHealthy = observed.health.status !== 'Healthy' || (isSameRollout && known.leftHealthy === true);
  const next: Observation = { observed, gone: false, ...(leftHealthy && { leftHealthy }) };
  if (observed.health.status !== 'Degraded') return next;
  return { ...next, degradedSince: (isSameRollout && known.degradedSince) || observed.observedAt };
}

/**
 * Whether an observation is no newer than what is known. The order is resourceVersion as an unsigned integer within one
 * object, and the time of creation between two objects of one name; never the order of arrival.
 */
export function isOlder(observed: Observation['observed'], known: Observation): boolean {
  if (observed.uid !== known.observed.uid) {
    return Date.parse(observed.createdAt) < Date.parse(known.observed.createdAt);
  }
  return BigInt(observed.resourceVersion) <= BigInt(known.goneAt ?? known.observed.resourceVersion);
}

/** The same for a project: by resourceVersion within one object. */
export function isOlderProject(observed: DataOf<'project.observed'>, known: DataOf<'project.observed'>): boolean {
  return observed.uid === known.uid && BigInt(observed.resourceVersion) <= BigInt(known.resourceVersion);
}
