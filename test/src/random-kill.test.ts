import fc from 'fast-check';
import { assertOneCommitEach } from './as-if-nothing-happened.js';
import { quickToTakeOver, startWholeRailway, type WholeRailway } from './whole-railway.js';

const victims = ['ingest', 'tracker', 'promoter', 'argo-watcher', 'nats-server', 'redis-server'] as const;

/** Who is killed, and after how many events of the ride have been heard. */
const blows = fc.array(
  fc.record({ victim: fc.constantFrom(...victims), afterEvents: fc.integer({ min: 1, max: 20 }) }),
  {
    minLength: 1,
    maxLength: 3,
  },
);

/** Somebody is killed at random; the seed is fixed, so that a failure comes again. */
describe('killed at random', () => {
  let railway: WholeRailway;

  before(async () => {
    railway = await startWholeRailway({ environment: quickToTakeOver });
  });
  after(() => railway?.stop());

  fc.sample(blows, { seed: 20260301, numRuns: 8 }).forEach((planned, at) => {
    const what = planned.map(({ victim, afterEvents }) => `${victim} after ${afterEvents}`).join(', ');
    it(`${what}: the Ticket is completed, with one commit a Station`, async () => {
      const servers = { ...railway.services, 'nats-server': railway.nats, 'redis-server': railway.redis };
      const ticket = await railway.pushUntilAccepted(`8.0.${at}`);
      const over = railway.tap.completed(ticket);
      const heard = () => railway.tap.all().filter((event) => event.ticketId === ticket).length;
      for (const { victim, afterEvents } of planned.sort((a, b) => a.afterEvents - b.afterEvents)) {
        // A ride may be over before so many events were heard; then the blow falls after it.
        await Promise.race([over, railway.tap.find('ticket.syncing', () => heard() >= afterEvents), over]);
        await servers[victim].kill();
        await servers[victim].restart();
      }
      await over;
      await assertOneCommitEach(railway, ticket);
    });
  });
});
