import {
  type Application,
  type Condition,
  isAutoSyncOn,
  refreshAnnotation,
  refreshTimestampAnnotation,
  skipReconcileAnnotation,
} from './application.js';
import type { Managed } from './managed.js';
import { type Mirror, RemoteError, RevisionError } from './mirror.js';
import { conditionsOf, healthOf, imagesOf, resourcesOf } from './observation.js';
import { RenderError, type Rendered } from './render.js';

/** How old an answer of the remote may be where nobody asked for a refresh: many Applications share one. */
const recentMs = 200;

/**
 * Compares what the source says with what runs, decides on an automatic sync, and writes the status: in this order
 * (argo-cd 3.6, controller/appcontroller.go: autoSync before persistAppStatus).
 */
export async function compare(managed: Managed, reason: 'poll' | 'refresh' | 'forced'): Promise<void> {
  const before = managed.read();
  if (!before || isFrozen(before)) return;
  const asked = refreshRequest(before);
  try {
    const reconciledAt = managed.now();
    const found = await find(managed, before, asked || reason === 'forced' ? 0 : recentMs);
    // It was begun before the operation ended, whose truth the scenario keeps back.
    if (managed.isStale) return;
    conclude(managed, asked, { ...found, reconciledAt });
  } catch (error) {
    if (managed.signal.aborted) return;
    if (!(error instanceof RemoteError || error instanceof RevisionError || error instanceof RenderError)) throw error;
    // An unreachable remote is overlooked for three minutes, unless a refresh was asked for.
    if (error instanceof RemoteError && !asked) return;
    writeError(managed, asked, error.message);
  }
}

interface Found {
  /** When the comparison began: what happens while it runs is not in it. */
  reconciledAt: string;
  commit: string;
  rendered: Rendered;
}

async function find(
  managed: Managed,
  application: Application,
  maxAgeMs: number,
): Promise<Omit<Found, 'reconciledAt'>> {
  const { repoURL, targetRevision, path } = application.spec.source;
  const mirror = await managed.mirror(repoURL);
  const first = await mirror.resolve(targetRevision, maxAgeMs);
  const commit = await letOthersCommit(managed, application, mirror, first);
  await managed.sleep(managed.speeds.compareMs);
  const rendered = await mirror.render(commit, path);
  return { commit, rendered: managed.behaviour.ignoresChanges && managed.running ? managed.running : rendered };
}

/** The scenario `laterCommitWins`: the commit that is the tip once somebody else has made one. */
async function letOthersCommit(managed: Managed, { status, spec }: Application, mirror: Mirror, commit: string) {
  const { laterCommit } = managed.behaviour;
  const { targetRevision } = spec.source;
  const known = status?.sync?.revision;
  if (!laterCommit || !known || commit === known) return commit;
  const { repository, files, message } = laterCommit;
  if (repository) {
    const branch = targetRevision === 'HEAD' ? repository.branch : targetRevision;
    return repository.commit({ files, message, branch });
  }
  let tip = commit;
  while ((await mirror.countCommits(known, tip)) < 2) {
    await managed.sleep(recentMs);
    tip = await mirror.resolve(targetRevision, 0);
  }
  return tip;
}

/** Synchronous from here on, so that it is about one state of what runs. */
function conclude(managed: Managed, asked: RefreshRequest | undefined, found: Found): void {
  const { reconciledAt, commit, rendered } = found;
  const isSynced = managed.running?.digest === rendered.digest;
  if (!isSynced && managed.running && managed.behaviour.deletesInstead) {
    managed.remove();
    return;
  }
  const syncError = isSynced ? undefined : autoSync(managed, commit);
  managed.write((application) => {
    const { source, destination } = application.spec;
    application.status = {
      ...application.status,
      sync: {
        status: isSynced ? 'Synced' : 'OutOfSync',
        revision: commit,
        comparedTo: { source, destination },
      },
      health: healthOf(managed, application.status?.health),
      reconciledAt,
      resources: resourcesOf(managed, rendered),
      summary: { images: imagesOf(managed) },
      sourceType: rendered.sourceType,
      controllerNamespace: managed.controllerNamespace,
    };
    setConditions(managed, application, syncError ? [syncError] : []);
    forgetRefresh(application, asked);
  });
}

/** Asks for a sync by setting `operation`, or says why it will not. */
function autoSync(managed: Managed, commit: string): Omit<Condition, 'lastTransitionTime'> | undefined {
  const application = managed.read();
  if (!application || application.metadata.deletionTimestamp) return undefined;
  const isFirst = managed.running === undefined;
  // One that is not synced automatically was deployed by a person, once.
  const isWanted = isFirst || (isAutoSyncOn(application) && managed.behaviour.autoSync);
  const last = application.status?.operationState;
  if (!isWanted || application.operation || last?.phase === 'Running') return undefined;
  if (last?.syncResult?.revision === commit) {
    if (last.phase === 'Succeeded') return undefined;
    return { type: 'SyncError', message: `Failed last sync attempt to [${commit}]: ${last.message}` };
  }
  managed.write((target) => {
    target.operation = {
      sync: { revision: commit, syncStrategy: { hook: {} } },
      initiatedBy: isAutoSyncOn(application) ? { automated: true } : { username: 'admin' },
      retry: { limit: managed.behaviour.retryLimit },
    };
  });
  return undefined;
}

function writeError(managed: Managed, asked: RefreshRequest | undefined, fault: string): void {
  const message = `Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = ${fault}`;
  managed.write((application) => {
    const { source, destination } = application.spec;
    application.status = {
      ...application.status,
      sync: { status: 'Unknown', revision: '', comparedTo: { source, destination } },
      health: healthOf(managed, application.status?.health),
      reconciledAt: managed.now(),
    };
    setConditions(managed, application, [{ type: 'ComparisonError', message }]);
    forgetRefresh(application, asked);
  });
}

function setConditions(
  managed: Managed,
  application: Application,
  wanted: readonly Omit<Condition, 'lastTransitionTime'>[],
): void {
  const conditions = conditionsOf(wanted, application.status?.conditions ?? [], managed.now());
  if (!application.status) return;
  if (conditions.length > 0) application.status.conditions = conditions;
  else delete application.status.conditions;
}

interface RefreshRequest {
  timestamp: string | undefined;
}

/** What the annotations ask for. */
export function refreshRequest({ metadata: { annotations = {} } }: Application): RefreshRequest | undefined {
  return annotations[refreshAnnotation] ? { timestamp: annotations[refreshTimestampAnnotation] } : undefined;
}

/**
 * A request that came in while another was being answered is lost with it, unless its timestamp tells that it is
 * another. A comparison that answers none takes none away: the real one's patch removes only what it had read.
 */
function forgetRefresh(application: Application, answered: RefreshRequest | undefined): void {
  const { annotations } = application.metadata;
  const present = refreshRequest(application);
  if (!annotations || !present || !answered) return;
  if (present.timestamp !== answered.timestamp) return;
  delete annotations[refreshAnnotation];
}

/** `skip-reconcile`: the controller does not touch it at all. */
export function isFrozen({ metadata: { annotations = {} } }: Application): boolean {
  return annotations[skipReconcileAnnotation] === 'true';
}
