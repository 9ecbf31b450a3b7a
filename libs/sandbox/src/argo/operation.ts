import type { Application, OperationState } from './application.js';
import { Attempt, type Outcome } from './attempt.js';
import { nextTry } from './back-off.js';
import type { Managed } from './managed.js';
import { isBlocked } from './sync-window.js';

const historyLimit = 10;
const defaultRetries = 5;

/** Carries out the `operation` of the Application until it succeeds or fails. */
export async function runOperation(managed: Managed): Promise<void> {
  await managed.sleep(managed.speeds.operationMs);
  const application = managed.read();
  if (!application?.operation) return;
  const { operation } = application;
  const { behaviour } = managed;
  // No message and no syncResult yet: only `operation` shows what is synced.
  const started: OperationState = { operation, phase: 'Running', startedAt: managed.now() };
  managed.write((target) => setState(target, started));
  managed.announceRunning();
  await untilWindowOpens(managed, application, started);
  if (behaviour.killed?.during === 'sync' && !operation.sync?.resources) {
    await managed.sleep(managed.speeds.operationMs);
    await managed.stayDown(behaviour.killed.forMs);
  }
  const limit = operation.retry ? (operation.retry.limit ?? defaultRetries) : 0;
  let state = started;
  for (let retryCount = 0; ; retryCount++) {
    const isFailing = retryCount < behaviour.failedAttempts;
    const outcome = await new Attempt({ managed, application, behaviour, state, isFailing }).run();
    if (outcome.phase === 'Succeeded' || retryCount >= limit) {
      end(managed, state, outcome);
      return;
    }
    state = await backOff(managed, started, outcome, retryCount + 1);
  }
}

/** Here the object shows the window, unlike when a window blocks an automatic sync. */
async function untilWindowOpens(managed: Managed, application: Application, state: OperationState): Promise<void> {
  const how = state.operation.initiatedBy?.automated ? 'automatic' : 'manual';
  const isClosed = () =>
    isBlocked(managed.project(application.spec.project), application, how, new Date(managed.clock.now()));
  // The first deployment is always healthy.
  while (managed.running && isClosed()) {
    managed.write((target) => setState(target, { ...state, message: 'Sync operation blocked by sync window' }));
    await managed.sleep(managed.speeds.operationMs);
  }
}

/** Between two attempts the phase is Running although finishedAt is set; the next attempt removes both results. */
async function backOff(
  managed: Managed,
  started: OperationState,
  { message, syncResult }: Outcome,
  retryCount: number,
): Promise<OperationState> {
  const { behaviour, clock } = managed;
  const factor = started.operation.retry?.backoff?.factor ?? 2;
  const waitMs = behaviour.retryMs * factor ** (retryCount - 1);
  const finishedAt = managed.now();
  const next = `Retrying attempt #${retryCount} at ${nextTry(clock.now() + waitMs)}.`;
  const waiting: OperationState = { ...started, message: `${message}. ${next}`, finishedAt, retryCount };
  managed.write((target) => setState(target, { ...waiting, ...(syncResult && { syncResult }) }));
  await managed.sleep(waitMs);
  const retrying = { ...started, message: `Retrying operation. Attempt #${retryCount}`, retryCount };
  managed.write((target) => setState(target, retrying));
  return retrying;
}

/** A success is added to the history before the operation ends; its end removes `operation`. */
function end(managed: Managed, state: OperationState, { phase, message, syncResult }: Outcome): void {
  const finishedAt = managed.now();
  const { retryCount } = state;
  const retried = phase !== 'Succeeded' && retryCount ? ` (retried ${retryCount} times).` : '';
  const ended = { ...state, phase, message: `${message}${retried}`, finishedAt, ...(syncResult && { syncResult }) };
  const isPartial = (state.operation.sync?.resources ?? []).length > 0;
  if (phase === 'Succeeded' && !isPartial) managed.write((target) => addHistory(target, ended, finishedAt));
  managed.write((target) => {
    delete target.operation;
    setState(target, ended);
  });
}

function setState(target: Application, state: OperationState): void {
  target.status = { ...target.status, operationState: state };
}

function addHistory(
  target: Application,
  { syncResult, operation, startedAt }: OperationState,
  deployedAt: string,
): void {
  const history = target.status?.history ?? [];
  if (!syncResult || !target.status) return;
  const entry = {
    id: (history.at(-1)?.id ?? -1) + 1,
    revision: syncResult.revision,
    deployStartedAt: startedAt,
    deployedAt,
    source: syncResult.source,
    initiatedBy: operation.initiatedBy ?? {},
  };
  target.status.history = [...history, entry].slice(-historyLimit);
}
