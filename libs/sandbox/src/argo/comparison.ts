import type { Application } from './application.js';
import { autoSync, type Unsynced } from './auto-sync.js';
import { explainComparison, isComparisonError } from './comparison-error.js';
import type { Managed } from './managed.js';
import type { Mirror } from './mirror.js';
import { conditionsOf, healthOf, imagesOf, resourcesOf, unknownResources } from './observation.js';
import { forgetRefresh, isFrozen, refreshRequest } from './refresh-request.js';
import { RemoteError } from './remote.js';
import { type Rendered, renderedSource } from './render.js';
import { failToRender } from './unrenderable.js';

/**
 * Compares the source with the running state, decides on an automatic sync, and writes the status, in this order
 * (argo-cd 3.6, controller/appcontroller.go: autoSync before persistAppStatus). A separate write removes the refresh
 * annotation at the end.
 */
export async function compare(managed: Managed, reason: 'poll' | 'refresh' | 'forced'): Promise<void> {
  const before = managed.read();
  if (!before || managed.isDown || isFrozen(before)) return;
  const asked = refreshRequest(before);
  const reconciledAt = managed.now();
  try {
    const found = await find(managed, before, asked || reason === 'forced' ? 0 : managed.speeds.revisionCacheMs);
    // The comparison started before the end of the operation, whose result the scenario holds back.
    if (managed.isStale) return;
    await conclude(managed, { ...found, reconciledAt });
  } catch (error) {
    if (managed.signal.aborted) return;
    if (!isComparisonError(error)) throw error;
    // An unreachable remote is ignored for three minutes, unless a refresh was requested.
    if (error instanceof RemoteError && !asked) return;
    writeError(managed, reconciledAt, explainComparison(error));
  }
  managed.write((application) => forgetRefresh(application, asked));
}

/** Writes what an event of the cluster changes; this changes neither the revision nor reconciledAt. */
export function observe(managed: Managed): void {
  const { compared } = managed;
  if (!compared) return;
  managed.write((application) => {
    const { status } = application;
    if (!status?.sync || status.sync.status === 'Unknown') return;
    status.sync.status = managed.running?.digest === compared.rendered.digest ? 'Synced' : 'OutOfSync';
    status.health = healthOf(managed, application);
    status.resources = resourcesOf(managed, compared.rendered, application);
    status.summary = { images: imagesOf(managed) };
  });
}

interface Found {
  /** When the comparison started; later changes are not part of it. */
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
  const mirror = await managed.surroundings.mirror(repoURL);
  const first = await mirror.resolve(targetRevision, maxAgeMs);
  const commit = await letOthersCommit(managed, application, mirror, first);
  await managed.sleep(managed.speeds.compareMs);
  const rendered = await mirror.render(commit, renderedSource(application));
  failToRender(managed, rendered, path);
  return { commit, rendered: managed.behaviour.ignoresChanges && managed.running ? managed.running : rendered };
}

/** The scenario `laterCommitWins`: returns the tip after another commit has been made. */
async function letOthersCommit(managed: Managed, { spec }: Application, mirror: Mirror, commit: string) {
  const { laterCommit } = managed.behaviour;
  const { targetRevision } = spec.source;
  const known = managed.compared?.commit;
  if (!laterCommit || !known || commit === known) return commit;
  const { repository, files, message } = laterCommit;
  if (repository) {
    const branch = targetRevision === 'HEAD' ? repository.branch : targetRevision;
    return repository.commit({ files, message, branch });
  }
  let tip = commit;
  while ((await mirror.countCommits(known, tip)) < 2) {
    await managed.sleep(managed.speeds.revisionCacheMs);
    tip = await mirror.resolve(targetRevision, 0);
  }
  return tip;
}

async function conclude(managed: Managed, { reconciledAt, commit, rendered }: Found): Promise<void> {
  const isSynced = !managed.isCacheStale && managed.running?.digest === rendered.digest;
  if (!isSynced && managed.running && managed.behaviour.deletesInstead) {
    managed.remove();
    return;
  }
  managed.compared = { commit, rendered };
  const { isRunningFirst } = managed.writeOrder;
  const outcome = isSynced ? undefined : autoSync(managed, commit, rendered);
  // Only a few steps of the event loop pass here, so that all of it sees one running state.
  const running = outcome === 'requested' ? managed.untilRunning() : undefined;
  if (isRunningFirst) await running;
  if (managed.isCacheStale) managed.write(({ status }) => status && Object.assign(status, { reconciledAt }));
  else
    writeStatus(
      managed,
      { reconciledAt, commit, rendered },
      isSynced,
      typeof outcome === 'object' ? outcome : undefined,
    );
  await running;
  if (!managed.isCacheStale) return;
  managed.isCacheStale = false;
  observe(managed);
}

function writeStatus(
  managed: Managed,
  { reconciledAt, commit, rendered }: Found,
  isSynced: boolean,
  unsynced: Unsynced | undefined,
): void {
  managed.write((application) => {
    const { source, destination } = application.spec;
    application.status = {
      ...application.status,
      sync: {
        status: isSynced ? 'Synced' : 'OutOfSync',
        revision: commit,
        comparedTo: { source, destination },
      },
      health: healthOf(managed, application),
      reconciledAt,
      resources: resourcesOf(managed, rendered, application),
      resourceHealthSource: 'appTree',
      summary: { images: imagesOf(managed) },
      sourceHydrator: {},
      sourceType: rendered.sourceType,
      controllerNamespace: managed.surroundings.namespace,
    };
    setConditions(managed, application, unsynced ? [unsynced] : []);
  });
}

/** Sets the revision to the text of targetRevision and keeps the health. */
function writeError(managed: Managed, reconciledAt: string, message: string): void {
  managed.write((application) => {
    const { source, destination } = application.spec;
    const { sourceType: _, ...status } = application.status ?? {};
    application.status = {
      ...status,
      sync: {
        status: 'Unknown',
        ...(source.targetRevision && { revision: source.targetRevision }),
        comparedTo: { source, destination },
      },
      health: healthOf(managed, application),
      reconciledAt,
      resources: unknownResources(managed, application),
      resourceHealthSource: 'appTree',
      controllerNamespace: managed.surroundings.namespace,
    };
    setConditions(managed, application, [{ type: 'ComparisonError', message }]);
  });
}

function setConditions(managed: Managed, application: Application, wanted: Parameters<typeof conditionsOf>[0]): void {
  const conditions = conditionsOf(wanted, application.status?.conditions ?? [], managed.now());
  if (!application.status) return;
  if (conditions.length > 0) application.status.conditions = conditions;
  else delete application.status.conditions;
}
