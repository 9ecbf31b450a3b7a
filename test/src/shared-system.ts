import { startTestSystem, type TestSystem } from './test-system.js';

let starting: Promise<TestSystem> | undefined;

/**
 * One system for the suites of a mocha process that leave it as they found it, with other tags than each other's. A
 * suite that counts, kills or needs an untouched system starts its own.
 */
export function sharedSystem(): Promise<TestSystem> {
  starting ??= startTestSystem();
  return starting;
}

// Outside of a suite: after all of them.
after(async () => (await starting)?.stop());
