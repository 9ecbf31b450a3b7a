import { startWholeRailway, type WholeRailway } from './whole-railway.js';

let starting: Promise<WholeRailway> | undefined;

/**
 * One railway for the suites of a mocha process that leave it as they found it, with other tags than each other's. A
 * suite that counts, kills or needs an untouched railway starts its own.
 */
export function sharedRailway(): Promise<WholeRailway> {
  starting ??= startWholeRailway();
  return starting;
}

// Outside of a suite: after all of them.
after(async () => (await starting)?.stop());
