import assert from 'node:assert/strict';
import fc from 'fast-check';
import { assertOneCommitEach } from './as-if-nothing-happened.js';
import { quickToTakeOver, startTestSystem, type TestSystem } from './test-system.js';

const victims = ['ingest', 'tracker', 'promoter', 'argo-watcher', 'nats-server', 'redis-server'] as const;

/** The process to kill, and after how many events of the Ticket. A Ticket has at least 20 events, and has not yet arrived after 17. */
interface Blow {
  readonly victim: (typeof victims)[number];
  readonly afterEvents: number;
}

const blows = fc.array(
  fc.record({ victim: fc.constantFrom(...victims), afterEvents: fc.integer({ min: 1, max: 17 }) }),
  { minLength: 1, maxLength: 3 },
);

/** The seed is fixed, so that a failure is reproducible. */
const plans: readonly (readonly Blow[])[] = [
  ...fc.sample(blows, { seed: 20260301, numRuns: 8 }),
  // Three services are killed while the Ticket needs them: the longest ride.
  [
    { victim: 'tracker', afterEvents: 4 },
    { victim: 'argo-watcher', afterEvents: 16 },
    { victim: 'promoter', afterEvents: 17 },
  ],
];

/** A service takes seconds to start on a busy machine. The test checks how a Ticket ends, not how soon. */
const patient = { deadline: '2m', rideMs: 150_000, testMs: 180_000 };

describe('killed at random', function () {
  this.timeout(patient.testMs);
  let railway: TestSystem;
  let struck = 0;

  before(async () => {
    railway = await startTestSystem({ environment: quickToTakeOver, deadline: patient.deadline });
  });
  after(() => railway?.stop());

  for (const [at, plan] of plans.entries()) {
    const planned = [...plan].sort((a, b) => a.afterEvents - b.afterEvents);
    const what = planned.map(({ victim, afterEvents }) => `${victim} after ${afterEvents}`).join(', ');
    it(`${what}: the Ticket is completed, with one commit for each Station`, async () => {
      const servers = { ...railway.services, 'nats-server': railway.nats, 'redis-server': railway.redis };
      const ticket = await railway.pushUntilAccepted(`8.0.${at}`);
      let isOver = false;
      const over = railway.tap.completed(ticket, patient.rideMs).finally(() => {
        isOver = true;
      });
      for (const { victim, afterEvents } of planned) {
        await Promise.race([over, railway.tap.heard(ticket, afterEvents)]);
        // A kill after the end would test nothing.
        if (isOver) break;
        await servers[victim].kill();
        struck += 1;
        await servers[victim].restart();
      }
      await over;
      await assertOneCommitEach(railway, ticket);
    });
  }

  it('kills most victims before the Ticket ends', () => {
    const count = plans.flat().length;
    assert.ok(struck >= count * 0.8, `${struck} of ${count}`);
  });
});
