import { applicationObserved, compareVersions, type DataOf, gitRelation } from '@k8sta/contracts';
import { z } from 'zod';

/** The last observation of an Argo CD Application, and what the tracker remembers of earlier ones. */
export const observation = z.object({
  observed: applicationObserved.schema,
  gone: z.boolean(),
  /** The resourceVersion at which it was found gone, if known. */
  goneAt: z.string().optional(),
  /** When its health was first observed Degraded since the start of the last sync, until it changes. */
  degradedSince: z.string().optional(),
  /** Whether a health other than Healthy was observed since the start of the last sync. */
  leftHealthy: z.boolean().optional(),
  /** Whether it was observed Synced since the last sync ended. */
  seenSynced: z.boolean().optional(),
  /** Why the last attempt of the running sync failed: Argo CD drops it when it starts the next attempt. */
  failedAttempt: z.object({ message: z.string().optional(), failures: z.array(z.string()).optional() }).optional(),
});
export type Observation = z.infer<typeof observation>;
type Observed = Observation['observed'];

/** The promoter's answer about one revision: how it relates to our commit, and whether its files name our image. */
export const knownRelation = z.object({ revision: z.string(), answer: gitRelation.reply, askedAt: z.string() });
export type KnownRelation = z.infer<typeof knownRelation>;

/** The observation that follows from a new one and what was known before. */
export function observe(known: Observation | undefined, observed: Observed): Observation {
  const before = known && isSameRollout(known.observed, observed) ? known : undefined;
  const failedAttempt = failedAttemptOf(observed, before);
  return {
    observed,
    gone: false,
    ...(observed.health.status === 'Degraded' && { degradedSince: before?.degradedSince ?? observed.observedAt }),
    ...((hasLeftHealthy(observed) || before?.leftHealthy) && { leftHealthy: true }),
    ...((isSynced(observed) || before?.seenSynced) && { seenSynced: true }),
    ...(failedAttempt && { failedAttempt }),
  };
}

/** A self-heal syncs the same revision again: that is the same rollout. */
function isSameRollout(known: Observed, observed: Observed): boolean {
  if (known.uid !== observed.uid) return false;
  const [one, other] = [known.operation?.startedAt, observed.operation?.startedAt];
  return (one !== undefined && one === other) || syncedRevisions(known) === syncedRevisions(observed);
}

function syncedRevisions({ requestedRevisions, operation }: Observed): string {
  return (requestedRevisions ?? operation?.revisions ?? []).join();
}

/** While a sync runs, a health that is older than the sync belongs to the previous rollout. */
function hasLeftHealthy({ health, operation, operationPending }: Observed): boolean {
  if (health.status === 'Healthy') return false;
  return !operationPending || Date.parse(health.since ?? '') >= Date.parse(operation?.startedAt ?? '');
}

function isSynced({ sync, operation, operationPending, reconciledAt }: Observed): boolean {
  if (sync.status !== 'Synced' || operationPending) return false;
  return !operation?.finishedAt || Date.parse(reconciledAt ?? '') >= Date.parse(operation.finishedAt);
}

function failedAttemptOf({ operation }: Observed, before: Observation | undefined): Observation['failedAttempt'] {
  if (operation?.phase !== 'Running') return undefined;
  // Running and finished: this attempt has failed, and another follows.
  if (operation.finishedAt) return { message: operation.message, failures: operation.failures };
  return operation.startedAt === before?.observed.operation?.startedAt ? before?.failedAttempt : undefined;
}

/** Whether an observation is no newer than what is known, by the order of {@link compareVersions}. */
export function isOlder(observed: Observed, known: Observation): boolean {
  const resourceVersion = known.goneAt ?? known.observed.resourceVersion;
  return compareVersions(observed, { ...known.observed, resourceVersion }) <= 0;
}

/** The same for a project: by resourceVersion within one object. */
export function isOlderProject(observed: DataOf<'project.observed'>, known: DataOf<'project.observed'>): boolean {
  return observed.uid === known.uid && BigInt(observed.resourceVersion) <= BigInt(known.resourceVersion);
}
