import { storefront } from '@k8sta/sandbox';
import { gatedLines } from './gated-lines.js';
import { quickToTakeOver, startTestSystem, type TestSystem } from './test-system.js';
import { threeLines } from './three-lines.js';

/**
 * Suites push versions of their own, in whatever order the suites run. A Ticket enters dev without asking the promoter
 * whether a person changed it: a suite stops the promoter, or keeps it away from Git.
 */
const line = { ...storefront, order: 'push', keys: { dev: 'afterRevert: goOn' } } as const;

const kinds = {
  plain: { line },
  proxied: { line, proxied: true, environment: quickToTakeOver },
  threeLines: { railway: threeLines, environment: quickToTakeOver },
  gated: { railway: gatedLines },
} as const;

type Kind = keyof typeof kinds;

const started = new Map<Kind, Promise<TestSystem>>();

/**
 * One system of each kind for the suites of a mocha process, with other tags than each other's. A suite leaves it as the
 * next one needs it; one that counts what happens on it comes first.
 */
export function sharedSystem(kind: Kind): Promise<TestSystem> {
  const system = started.get(kind) ?? startTestSystem(kinds[kind]);
  started.set(kind, system);
  return system;
}

/** Stops it as `stop()` of the system does, in the last suite that uses it. */
export async function stopSharedSystem(kind: Kind): Promise<void> {
  const system = started.get(kind);
  started.delete(kind);
  await (await system)?.stop();
}

// Outside of a suite: after all of them.
after(async () => {
  for (const kind of started.keys()) await stopSharedSystem(kind);
});
