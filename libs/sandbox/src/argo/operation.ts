import type { Application, OperationState, SyncedResource } from './application.js';
import type { Managed } from './managed.js';
import { appliedResources } from './observation.js';
import type { Rendered } from './render.js';
import { beginRollout, continueRollout, showStaleHealth } from './rollout.js';
import type { Behaviour } from './scenario.js';

const historyLimit = 10;
/** Written by Argo CD itself when any task of a sync failed. */
const unsuccessful = 'one or more synchronization tasks completed unsuccessfully';
const failedToApply =
  'one or more objects failed to apply, reason: admission webhook "policy.example.com" denied the request';

/** Carries out the `operation` of the Application until it has ended, one way or another. */
export async function runOperation(managed: Managed): Promise<void> {
  const application = managed.read();
  if (!application?.operation) return;
  const { behaviour } = managed;
  const { source } = application.spec;
  await managed.sleep(managed.speeds.operationMs);
  const state: OperationState = {
    operation: application.operation,
    phase: 'Running',
    message: 'waiting for the sync to complete',
    startedAt: managed.now(),
  };
  try {
    const mirror = await managed.mirror(source.repoURL);
    const revision = application.operation.sync?.revision ?? (await mirror.resolve(source.targetRevision, 0));
    state.syncResult = { revision, source };
    managed.write((target) => setState(target, state));
    const rendered = await mirror.render(revision, source.path);
    const attempt = await failAttempts(managed, state, behaviour);
    if (attempt === 'gaveUp') return;
    await managed.sleep(managed.speeds.syncMs);
    await apply(managed, attempt, rendered, behaviour);
  } catch (error) {
    if (managed.signal.aborted || !(error instanceof Error)) throw error;
    finish(managed, { ...state, phase: 'Error', message: `ComparisonError: ${error.message}` });
  }
}

/** The attempts that fail by the scenario; then the state of the one that will not, or that there is none left. */
async function failAttempts(managed: Managed, state: OperationState, behaviour: Behaviour) {
  const { failedAttempts, retryLimit, retryMs } = behaviour;
  const counted = (retryCount: number) => (retryCount > 0 ? { ...state, retryCount } : state);
  for (let retryCount = 0; retryCount < failedAttempts; retryCount++) {
    await managed.sleep(managed.speeds.syncMs);
    if (retryCount === retryLimit) {
      const message = `${failedToApply} (retried ${retryCount} times).`;
      finish(managed, { ...counted(retryCount), phase: 'Failed', message });
      return 'gaveUp';
    }
    // While it waits for the next attempt the phase is Running although finishedAt is set.
    const next = retryCount + 1;
    const message = `${failedToApply}. Retrying attempt #${next} at ${managed.now()}.`;
    managed.write((target) => setState(target, { ...counted(next), message, finishedAt: managed.now() }));
    await managed.sleep(retryMs);
    managed.write((target) => setState(target, counted(next)));
  }
  return counted(failedAttempts);
}

async function apply(managed: Managed, state: OperationState, rendered: Rendered, behaviour: Behaviour): Promise<void> {
  const before = managed.running;
  managed.running = rendered;
  const rollsOut = before?.workloadDigest !== rendered.workloadDigest;
  const isStale = behaviour.staleMs !== undefined && rollsOut;
  if (isStale) await showStaleHealth(managed);
  else if (rollsOut) beginRollout(managed, behaviour, before);
  if (behaviour.failingHook) return failHook(managed, state, rendered, behaviour.failingHook);
  await managed.sleep(managed.speeds.syncMs);
  const resources = appliedResources(rendered);
  const message = 'successfully synced (all tasks run)';
  finish(managed, { ...withResources(state, resources), phase: 'Succeeded', message });
  if (isStale) await managed.stayStale(behaviour.staleMs ?? 0);
  if (isStale) beginRollout(managed, behaviour, before, 'silently');
}

/** PostSync hooks run when everything is healthy; their failure is the operation's, and nothing else's. */
async function failHook(managed: Managed, state: OperationState, rendered: Rendered, name: string): Promise<void> {
  await continueRollout(managed);
  const hook: SyncedResource = {
    ...{ group: 'batch', version: 'v1', kind: 'Job', namespace: '', name },
    ...{ hookType: 'PostSync', syncPhase: 'PostSync', hookPhase: 'Running' },
  };
  const applied = appliedResources(rendered);
  const waiting = `waiting for completion of hook batch/Job/${name}`;
  managed.write((target) => setState(target, { ...withResources(state, [...applied, hook]), message: waiting }));
  await managed.sleep(managed.speeds.syncMs);
  const failed: SyncedResource = {
    ...hook,
    hookPhase: 'Failed',
    message: 'Job has reached the specified backoff limit',
  };
  finish(managed, { ...withResources(state, [...applied, failed]), phase: 'Failed', message: unsuccessful });
}

function withResources(state: OperationState, resources: SyncedResource[]): OperationState {
  return state.syncResult ? { ...state, syncResult: { ...state.syncResult, resources } } : state;
}

/** The last write of an operation: its end, and with it `operation` is gone. */
function finish(managed: Managed, state: OperationState): void {
  const finishedAt = managed.now();
  managed.write((target) => {
    delete target.operation;
    setState(target, { ...state, finishedAt });
    if (state.phase === 'Succeeded') addHistory(target, state, finishedAt);
  });
}

function setState(target: Application, state: OperationState): void {
  target.status = { ...target.status, operationState: state };
}

function addHistory(target: Application, state: OperationState, deployedAt: string): void {
  const { syncResult } = state;
  const history = target.status?.history ?? [];
  if (!syncResult || !target.status) return;
  const entry = {
    id: (history.at(-1)?.id ?? -1) + 1,
    revision: syncResult.revision,
    deployStartedAt: state.startedAt,
    deployedAt,
    source: syncResult.source,
    initiatedBy: state.operation.initiatedBy ?? {},
  };
  target.status.history = [...history, entry].slice(-historyLimit);
}
