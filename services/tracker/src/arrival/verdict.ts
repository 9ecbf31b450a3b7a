import {
  commitSha,
  type DataOf,
  type PartCommit,
  type TicketFailure,
  type WaitReason,
  type WantedImage,
} from '@k8sta/contracts';
import type { KnownRelation, Observation } from '../observation.js';

/** What an observation of one Application means for our commit. `message` begins with the Application's name. */
export type Verdict =
  /** `rendered`: whether anything was deployed for it; a commit that changes nothing rendered has no operation. */
  | { is: 'arrived'; revision: string; rendered: boolean }
  /**
   * `refresh`: a refresh could help. `blind`: K8sTA itself cannot tell the condition of the Application. `until`: when time
   * alone may change the verdict, in milliseconds since the epoch.
   */
  | { is: 'waiting'; reason: WaitReason; message: string; refresh?: boolean; blind?: boolean; until?: number }
  /** A person must act, or a sync window must open: the Station's deadline does not run. */
  | { is: 'blocked'; reason: WaitReason; message: string; until?: number }
  /** The tracker is asking the promoter about this revision; the answer, or a time-out, follows within seconds. */
  | { is: 'asking'; reason: 'AskingPromoter'; message: string }
  | { is: 'failed'; reason: TicketFailure; message: string };

/** The evidence for a verdict: one Application of a Station, the commit made for it, and everything known about it. */
export interface Evidence {
  /** `namespace/name`, or its name in messages. */
  readonly application: string;
  readonly commit: PartCommit;
  /** When the last part of the promotion was committed. */
  readonly committedAt: string | undefined;
  /** Which of the Application's sources the commit went to. */
  readonly sourceIndex: number;
  /** That source, as it was when the commit was requested, and the directories that its Application had there. */
  readonly source:
    | { readonly repository: string; readonly branch: string | undefined; readonly paths: readonly string[] }
    | undefined;
  /** The file that names the image, if known. */
  readonly file: string | undefined;
  readonly image: WantedImage | undefined;
  readonly observation: Observation | undefined;
  /** The freshness watermark of its Argo CD instance: as of when observations are known to be current. */
  readonly currentAsOf: string | undefined;
  /** How the compared revision relates to our commit. */
  readonly relation: KnownRelation | undefined;
  /** How the revision of a failed sync relates to our commit, if it is not the compared revision. */
  readonly failedSync: KnownRelation | undefined;
  /** The last observed revision that contained our commit. */
  readonly contained: string | undefined;
  /** When K8sTA last asked Argo CD for a refresh. */
  readonly refreshedAt: string | undefined;
  /** The known sync windows of the Application's project. */
  readonly windows: DataOf<'project.observed'>['syncWindows'];
}

/** How long things may take, in milliseconds. */
export interface ArrivalPolicy {
  /** How old the freshness watermark may be for a decision on an arrival or a departure. */
  readonly freshForMs: number;
  /** How long an Application may be Degraded before its Station fails. */
  readonly degradedGraceMs: number;
  /** How long an Application that never left Healthy must stay unchanged before it has arrived. */
  readonly settleMs: number;
  /** The same for one that left Healthy since its sync. */
  readonly settleAfterRolloutMs: number;
  /** After how long the tracker repeats a question that the promoter could not answer. */
  readonly askAgainMs: number;
}

export function waiting(
  reason: WaitReason,
  message: string,
  more: { refresh?: boolean; blind?: boolean; until?: number } = {},
): Verdict {
  return { is: 'waiting', reason, message, ...more };
}

export function blocked(reason: WaitReason, message: string, until?: number): Verdict {
  return { is: 'blocked', reason, message, ...(until !== undefined && { until }) };
}

export function asking(message: string): Verdict {
  return { is: 'asking', reason: 'AskingPromoter', message };
}

/** The commit that has to arrive: ours, or the revision that already named the image. */
export function awaitedCommit({ commit }: Evidence): string {
  return commit.commit ?? commit.revision;
}

/** Whether the compared revision contains our commit; undefined while that is not known. */
export function containsOurs({ commit, relation }: Evidence): boolean | undefined {
  if (!relation || relation.answer.relation === 'unknown') return undefined;
  const { relation: answer, namesImage } = relation.answer;
  // If the file already named the image, any revision that names it is right.
  return answer === 'same' || answer === 'contains' || (commit.commit === undefined && namesImage === true);
}

/** Argo CD reports one revision for each source; hydrated manifests have one source. */
export function revisionOf(
  revisions: readonly string[] | undefined,
  { sourceIndex, observation }: Evidence,
): string | undefined {
  return revisions?.[observation?.observed.hydration ? 0 : sourceIndex] || undefined;
}

/** The revision that Argo CD has compared, of the source of our commit: a hydrated one if it hydrates. */
export function comparedRevision(evidence: Evidence): string | undefined {
  return revisionOf(evidence.observation?.observed.sync.revisions, evidence);
}

/**
 * That revision in the history of our commit; undefined if there is none, or none that is hydrated yet. If Argo CD cannot
 * compare, it writes the text of targetRevision ("main") there, which is not a revision.
 */
export function observedRevision(evidence: Evidence): string | undefined {
  const compared = commitSha.safeParse(comparedRevision(evidence)).data;
  const hydration = evidence.observation?.observed.hydration;
  if (!hydration) return compared;
  return compared !== undefined && compared === hydration.hydratedRevision ? hydration.dryRevision : undefined;
}

/** The revision of a failed sync if it is not the compared revision: the promoter is asked about it. */
export function failedRevision(evidence: Evidence): string | undefined {
  const { observation } = evidence;
  if (!observation || !hasFailed(observation)) return undefined;
  // Only for the last hydrated revision is it known from which of our commits it was made.
  if (observation.observed.hydration) return undefined;
  const revision = commitSha.safeParse(revisionOf(observation.observed.operation?.revisions, evidence)).data;
  return revision === comparedRevision(evidence) ? undefined : revision;
}

export function isOperating({ operation, operationPending }: Observation['observed']): boolean {
  return operationPending || operation?.phase === 'Running' || operation?.phase === 'Terminating';
}

/** Whether the last sync has failed for good. */
export function hasFailed({ observed: { operation, operationPending } }: Observation): boolean {
  return !operationPending && (operation?.phase === 'Failed' || operation?.phase === 'Error');
}

/** How long nothing must change while Argo CD works before a refresh can help: its controller may have restarted. */
const quietMs = 60_000;

/** A refresh once nothing changes any more; before that, there is progress, which a refresh would only slow down. */
export function refreshWhenQuiet({ observed }: Observation, now: Date): { refresh: true } | { until: number } {
  const quietAt = Date.parse(observed.observedAt) + quietMs;
  return now.getTime() >= quietAt ? { refresh: true } : { until: quietAt };
}

/** A commit id, shortened for messages. */
export function short(revision: string): string {
  return /^[0-9a-f]{40}/.test(revision) ? revision.slice(0, 8) : revision;
}
