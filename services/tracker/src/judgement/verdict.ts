import type { DataOf, ImageRef, PartCommit, TicketFailure } from '@k8sta/contracts';
import type { Learnt, Sighting } from '../ride/state.js';

/** What an observation of one Application means for our commit. */
export type Verdict =
  /** `rendered`: whether anything was deployed for it; a commit that changes nothing rendered has no operation. */
  | { is: 'arrived'; revision: string; rendered: boolean }
  /**
   * `refresh`: Argo CD has not looked at our commit yet, or its status is older than its last operation. `blind`: it is
   * K8sTA that cannot tell how it is.
   */
  | { is: 'waiting'; message: string; refresh?: boolean; blind?: boolean }
  /** It will not go on by itself: somebody has to do something, or a sync window has to open. */
  | { is: 'blocked'; message: string }
  /** The promoter is being asked about this revision; its answer, or that there is none, follows within seconds. */
  | { is: 'asking'; message: string }
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
  /** Where that was when it was asked for; undefined in documents that do not say. */
  readonly source:
    | { readonly repository: string; readonly branch: string | undefined; readonly path: string }
    | undefined;
  /** The file that names the image, where it is known. */
  readonly file: string | undefined;
  readonly image: ImageRef | undefined;
  readonly sighting: Sighting | undefined;
  /** As of when the watcher's picture is known to be current. */
  readonly currentAsOf: string | undefined;
  readonly learnt: Learnt | undefined;
  /** How the revision of a sync that failed relates to our commit, where it is another than what is compared. */
  readonly failedSync: Learnt | undefined;
  /** The last revision that was seen there and contained our commit. */
  readonly contained: string | undefined;
  /** The sync windows of the Application's project, as far as they are known. */
  readonly windows: DataOf<'project.observed'>['syncWindows'];
}

export interface JudgeLimits {
  /** How old the watcher's picture may be for an arrival or a departure to be decided on it. */
  readonly pictureMs: number;
  /** How long an Application may be Degraded before its Station fails. */
  readonly degradedGraceMs: number;
  /** For how long nothing that matters may have changed before what is Synced and Healthy counts as arrived. */
  readonly settleMs: number;
}

export function waiting(message: string, refresh = false): Verdict {
  return refresh ? { is: 'waiting', message, refresh } : { is: 'waiting', message };
}

export function blind(message: string): Verdict {
  return { is: 'waiting', message, blind: true };
}

export function blocked(message: string): Verdict {
  return { is: 'blocked', message };
}

export function errorsOf({ errors }: Sighting['observed']): string {
  return errors.map(({ type, message }) => `${type}: ${message}`).join('; ');
}

export function isOperating({ operation, operationPending }: Sighting['observed']): boolean {
  return operationPending || operation?.phase === 'Running' || operation?.phase === 'Terminating';
}

/** The revision that Argo CD has compared with, of the source our commit went to: a hydrated one where it hydrates. */
export function comparedRevision({ sourceIndex }: Evidence, { observed }: Sighting): string | undefined {
  return observed.sync.revisions[observed.hydration ? 0 : sourceIndex] || undefined;
}

/** That revision as one of the history our commit is in; undefined where there is none, or none that is hydrated yet. */
export function observedRevision(evidence: Evidence): string | undefined {
  const { sighting } = evidence;
  const compared = sighting && comparedRevision(evidence, sighting);
  const hydration = sighting?.observed.hydration;
  if (!hydration) return compared;
  return compared !== undefined && compared === hydration.hydratedRevision ? hydration.dryRevision : undefined;
}

/** The revision of a sync that failed, where it has to be asked whether that was ours: another one than is compared. */
export function failedRevision(evidence: Evidence): string | undefined {
  const { sighting, sourceIndex } = evidence;
  if (!sighting || !hasFailed(sighting)) return undefined;
  // What was hydrated from which of our commits is known of the last one only.
  if (sighting.observed.hydration) return undefined;
  const revision = sighting.observed.operation?.revisions[sourceIndex];
  return revision === comparedRevision(evidence, sighting) ? undefined : revision || undefined;
}

/** Whether the last sync has failed for good. */
export function hasFailed({ observed: { operation, operationPending } }: Sighting): boolean {
  return !operationPending && (operation?.phase === 'Failed' || operation?.phase === 'Error');
}

/** A commit id as people read it. */
export function short(revision: string): string {
  return /^[0-9a-f]{40}/.test(revision) ? revision.slice(0, 8) : revision;
}
