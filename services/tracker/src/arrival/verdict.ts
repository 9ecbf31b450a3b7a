import {
  commitSha,
  type DataOf,
  type ImageRef,
  type PartCommit,
  type TicketFailure,
  type WaitReason,
} from '@k8sta/contracts';
import type { KnownRelation, Observation } from '../observation.js';

/** What an observation of one Application means for our commit. `message` begins with the Application's name. */
export type Verdict =
  /** `rendered`: whether anything was deployed for it; a commit that changes nothing rendered has no operation. */
  | { is: 'arrived'; revision: string; rendered: boolean }
  /**
   * `refresh`: a refresh could help. `blind`: it is K8sTA that cannot tell how the Application is. `until`: when time
   * alone may change the verdict, in milliseconds since the epoch.
   */
  | { is: 'waiting'; reason: WaitReason; message: string; refresh?: boolean; blind?: boolean; until?: number }
  /** A person has to act, or a sync window has to open: the Station's deadline stands still. */
  | { is: 'blocked'; reason: WaitReason; message: string; until?: number }
  /** The promoter is being asked about this revision; its answer, or that there is none, follows within seconds. */
  | { is: 'asking'; reason: 'AskingPromoter'; message: string }
  | { is: 'failed'; reason: TicketFailure; message: string };

/** What is judged: one Application of a Station, the commit made for it, and what is known of it. */
export interface Evidence {
  /** `namespace/name`, or what people call it. */
  readonly application: string;
  readonly commit: PartCommit;
  /** When the last part of the promotion was committed. */
  readonly committedAt: string | undefined;
  /** Which of the Application's sources the commit went to. */
  readonly sourceIndex: number;
  /** Where that was when the commit was requested. */
  readonly source:
    | { readonly repository: string; readonly branch: string | undefined; readonly path: string }
    | undefined;
  /** The file that names the image, where it is known. */
  readonly file: string | undefined;
  readonly image: ImageRef | undefined;
  readonly observation: Observation | undefined;
  /** The freshness watermark of its Argo CD instance: as of when observations are known to be current. */
  readonly currentAsOf: string | undefined;
  /** How the compared revision relates to our commit. */
  readonly relation: KnownRelation | undefined;
  /** How the revision of a failed sync relates to our commit, where it is another one than the compared revision. */
  readonly failedSync: KnownRelation | undefined;
  /** The last revision that was observed there and contained our commit. */
  readonly contained: string | undefined;
  /** The sync windows of the Application's project, as far as they are known. */
  readonly windows: DataOf<'project.observed'>['syncWindows'];
}

/** How long things may take, in milliseconds. */
export interface ArrivalPolicy {
  /** How old the freshness watermark may be for an arrival or a departure to be decided on it. */
  readonly freshForMs: number;
  /** How long an Application may be Degraded before its Station fails. */
  readonly degradedGraceMs: number;
  /** How long nothing may have changed before an Application that never left Healthy has arrived. */
  readonly settleMs: number;
  /** The same for one that was seen to leave Healthy since its sync. */
  readonly settleAfterRolloutMs: number;
  /** How long until a question that the promoter could not answer is asked again. */
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

/** The commit that has to arrive: ours, or the one that named the image before we came. */
export function awaitedCommit({ commit }: Evidence): string {
  return commit.commit ?? commit.revision;
}

/** Whether the compared revision contains our commit; undefined while that is not known. */
export function containsOurs({ commit, relation }: Evidence): boolean | undefined {
  if (!relation || relation.answer.relation === 'unknown') return undefined;
  const { relation: answer, namesImage } = relation.answer;
  // Where the file named the image already, every revision that names it will do.
  return answer === 'same' || answer === 'contains' || (commit.commit === undefined && namesImage === true);
}

/** Argo CD's revisions are one for each source; of hydrated manifests there is one source. */
export function revisionOf(
  revisions: readonly string[] | undefined,
  { sourceIndex, observation }: Evidence,
): string | undefined {
  return revisions?.[observation?.observed.hydration ? 0 : sourceIndex] || undefined;
}

/** The revision that Argo CD has compared with, of the source our commit went to: a hydrated one where it hydrates. */
export function comparedRevision(evidence: Evidence): string | undefined {
  return revisionOf(evidence.observation?.observed.sync.revisions, evidence);
}

/**
 * That revision as one of the history our commit is in; undefined where there is none, or none that is hydrated yet.
 * When Argo CD cannot compare, it writes the text of targetRevision ("main") there, which is no revision.
 */
export function observedRevision(evidence: Evidence): string | undefined {
  const compared = commitSha.safeParse(comparedRevision(evidence)).data;
  const hydration = evidence.observation?.observed.hydration;
  if (!hydration) return compared;
  return compared !== undefined && compared === hydration.hydratedRevision ? hydration.dryRevision : undefined;
}

/** The revision of a failed sync, where it is another one than the compared revision, so that the promoter is asked. */
export function failedRevision(evidence: Evidence): string | undefined {
  const { observation } = evidence;
  if (!observation || !hasFailed(observation)) return undefined;
  // Which of our commits a hydrated revision was made from is known for the last one only.
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

/** How long nothing may change in what Argo CD works on until a refresh can help: its controller may have restarted. */
const quietMs = 60_000;

/** A refresh while nothing changes any more; until then there is progress, which a refresh would only slow down. */
export function refreshWhenQuiet({ observed }: Observation, now: Date): { refresh: true } | { until: number } {
  const quietAt = Date.parse(observed.observedAt) + quietMs;
  return now.getTime() >= quietAt ? { refresh: true } : { until: quietAt };
}

/** A commit id as people read it. */
export function short(revision: string): string {
  return /^[0-9a-f]{40}/.test(revision) ? revision.slice(0, 8) : revision;
}
