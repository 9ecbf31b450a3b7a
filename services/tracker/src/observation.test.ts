import assert from 'node:assert/strict';
import { anApplication, sha } from './arrival/application.fixture.js';
import { type Observation, observe } from './observation.js';

const [old, ours] = [sha('0'), sha('1')];
type Observed = Observation['observed'];
type Operation = NonNullable<Observed['operation']>;

const health = (status: string, since = '2026-03-01T12:00:06Z') => ({ health: { status, since } });
const over = (change: Partial<Operation> = {}): Partial<Observed> => ({
  operation: { phase: 'Succeeded', startedAt: '2026-03-01T12:00:05Z', revisions: [ours], ...change },
});
const running = (change: Partial<Operation> = {}): Partial<Observed> => ({
  operationPending: true,
  requestedRevisions: [ours],
  ...over({ phase: 'Running', ...change }),
});

/** What is known after these observations, one after the other. */
function after(...changes: Partial<Observed>[]): Observation {
  const known = changes.reduce<Observation | undefined>(
    (before, change) => observe(before, anApplication('dev', ours, change)),
    undefined,
  );
  assert.ok(known);
  return known;
}

describe('an observation', () => {
  it('remembers that the Application left Healthy since its sync', () => {
    assert.equal(after(over()).leftHealthy, undefined);
    assert.equal(after({ ...over(), ...health('Progressing') }, over()).leftHealthy, true);
  });

  it('forgets that with the sync of another revision', () => {
    const rollout = [{ ...over(), ...health('Progressing') }, over()];
    const pending = { operationPending: true, requestedRevisions: [sha('2')] };
    assert.equal(after(...rollout, { ...pending, operation: undefined }).leftHealthy, undefined);
    const next = over({ startedAt: '2026-03-01T13:00:00Z', revisions: [sha('2')] });
    assert.equal(after(...rollout, next).leftHealthy, undefined);
  });

  it('treats a self-heal, which syncs the same revision again, as the same rollout', () => {
    const rollout = [{ ...over(), ...health('Progressing') }];
    const heals = running({ startedAt: '2026-03-01T12:00:07Z' });
    assert.equal(after(...rollout, { ...heals, operation: undefined }, heals).leftHealthy, true);
  });

  it('does not count the rollout before our sync', () => {
    const before = { ...over({ revisions: [old], startedAt: '2026-03-01T11:00:00Z' }), ...health('Progressing') };
    const still = health('Progressing', '2026-03-01T11:00:01Z');
    assert.equal(after(before, { ...running(), ...still }, over()).leftHealthy, undefined);
    assert.equal(after(before, { ...running(), ...health('Progressing') }, over()).leftHealthy, true);
    assert.equal(after(before, { ...over(), ...still }, over()).leftHealthy, true, 'not Healthy once the sync is over');
  });

  it('remembers that it was Synced since the sync ended', () => {
    const outOfSync = { sync: { status: 'OutOfSync', revisions: [ours] } };
    const ended = { ...over({ finishedAt: '2026-03-01T12:00:10Z' }), reconciledAt: '2026-03-01T12:00:10Z' };
    assert.equal(after({ ...ended, ...outOfSync }).seenSynced, undefined);
    assert.equal(
      after({ ...ended, reconciledAt: '2026-03-01T12:00:09Z' }, { ...ended, ...outOfSync }).seenSynced,
      undefined,
    );
    assert.equal(after(ended, { ...ended, ...outOfSync }).seenSynced, true);
    assert.equal(after({ ...running(), ...ended, operationPending: true }).seenSynced, undefined);
  });

  it('remembers since when it is Degraded, until its health changes or another revision is synced', () => {
    const degraded = (observedAt: string, change = over()) => ({ ...change, ...health('Degraded'), observedAt });
    const [first, second] = ['2026-03-01T12:01:00Z', '2026-03-01T12:02:00Z'];
    assert.equal(after(degraded(first), degraded(second)).degradedSince, first);
    assert.equal(after(degraded(first), over()).degradedSince, undefined);
    assert.equal(after(degraded(first), over(), degraded(second)).degradedSince, second);
    const healed = over({ startedAt: '2026-03-01T12:01:30Z' });
    assert.equal(after(degraded(first), degraded(second, healed)).degradedSince, first);
    const next = over({ startedAt: '2026-03-01T12:01:30Z', revisions: [sha('2')] });
    assert.equal(after(degraded(first), degraded(second, next)).degradedSince, second);
  });

  it('remembers why an attempt failed, while Argo CD runs the next one', () => {
    const failed = { message: 'one or more tasks failed', failures: ['PreSync hook migrate failed'] };
    const waits = running({ ...failed, finishedAt: '2026-03-01T12:00:09Z', retryCount: 1 });
    const again = running({ message: 'Retrying operation. Attempt #1', retryCount: 1 });
    assert.deepEqual(after(running(), waits).failedAttempt, failed);
    assert.deepEqual(after(waits, again, again).failedAttempt, failed);
    assert.equal(after(waits, again, over()).failedAttempt, undefined);
    assert.equal(after(waits, running({ startedAt: '2026-03-01T13:00:00Z' })).failedAttempt, undefined);
  });
});
