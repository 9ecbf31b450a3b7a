import { assertAsIfNothingHappened } from './as-if-nothing-happened.js';
import { type KillPoint, killPoints } from './kill-points.js';
import { sharedSystem } from './shared-system.js';
import type { TestSystem } from './test-system.js';

/**
 * A kill of any process at any point changes nothing: the Ticket ends `completed` with exactly one commit for each Station
 * (docs/reliability.md). All points share one railway, so that the next ride shows what a kill leaves behind.
 */
describe('killed with SIGKILL:', () => {
  let railway: TestSystem;
  let patch = 0;

  before(async () => {
    railway = await sharedSystem('proxied');
  });

  for (const point of killPoints) {
    it(point.name, async () => {
      patch += 1;
      const tag = `2.0.${patch}`;
      const struck = arm(railway, point);
      const ticket = await railway.pushUntilAccepted(tag);
      await struck;
      await railway.tap.completed(ticket);
      await assertAsIfNothingHappened(railway, ticket);
    });
  }
});

/** Resolves when the victim has been killed at its point and restarted. */
function arm(railway: TestSystem, point: KillPoint): Promise<void> {
  const victims = { ...railway.services, 'nats-server': railway.nats, 'redis-server': railway.redis };
  const victim = victims[point.victim];
  return new Promise((resolve, reject) => {
    point.arm(railway, async () => {
      await victim.kill();
      victim.restart().then(resolve, reject);
    });
  });
}
