import { storefront } from '@k8sta/sandbox';
import { quickToTakeOver, startTestSystem, type TestSystem } from './test-system.js';

/**
 * Suites push versions of their own, in whatever order the suites run. A Ticket enters dev without asking the promoter
 * whether a person changed it: a suite stops the promoter, or keeps it away from Git.
 */
const line = { ...storefront, order: 'push', keys: { dev: 'afterRevert: goOn' } } as const;

const kinds = {
  plain: { line },
  untouched: { line },
  proxied: { line, proxied: true, environment: quickToTakeOver },
} as const;

const started = new Map<keyof typeof kinds, Promise<TestSystem>>();

/**
 * One system of each kind for the suites of a mocha process, with other tags than each other's. A suite leaves it as the
 * next one needs it; one that counts what happens on it starts its own.
 */
export function sharedSystem(kind: keyof typeof kinds = 'plain'): Promise<TestSystem> {
  const system = started.get(kind) ?? startTestSystem(kinds[kind]);
  started.set(kind, system);
  return system;
}

// Outside of a suite: after all of them.
after(async () => {
  for (const system of started.values()) await (await system).stop();
});
