import type { Blow } from '../plan/blow.js';
import type { Faults } from './faults.js';
import type { History } from './history.js';
import type { World } from './world.js';

/** Without events for so long, the next step comes, and what is broken is mended. */
export const quietMs = 2_000;

/** Strikes, and returns when it has; resolves to the mending, which comes later. */
export async function strike(
  blow: Blow,
  { world, faults, history }: { world: World; faults: Faults; history: History },
): Promise<{ mended: Promise<unknown> }> {
  const later = () => history.after(blow.forEvents, quietMs);
  switch (blow.kind) {
    case 'git':
      return { mended: faults.git(blow, later()) };
    case 'api':
      return { mended: faults.api(blow, later()) };
    case 'forge':
      return { mended: faults.forge(blow, later()) };
    case 'clock':
      return { mended: world.clocks.jump(blow.replicas, blow.byMs, later()) };
    case 'kill': {
      const isServer = blow.victims.some((victim) => victim.endsWith('-server'));
      const processes = blow.victims.map((victim) => world.victims[victim]);
      const end = isServer ? async () => {} : later;
      await Promise.all(processes.map((process) => process.kill(end)));
      return { mended: Promise.all(processes.map((process) => process.running())) };
    }
    default:
      return blow satisfies never;
  }
}
