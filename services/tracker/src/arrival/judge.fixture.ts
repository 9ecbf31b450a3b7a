import assert from 'node:assert/strict';
import type { Observation } from '../observation.js';
import { anApplication, sha, started } from './application.fixture.js';
import { judge } from './judge.js';
import type { ArrivalPolicy, Evidence, Verdict } from './verdict.js';

export const [old, ours, later] = [sha('0'), sha('1'), sha('2')];
const policy: ArrivalPolicy = {
  freshForMs: 60_000,
  degradedGraceMs: 120_000,
  settleMs: 0,
  settleAfterRolloutMs: 0,
  askAgainMs: 5_000,
};

export type Observed = ReturnType<typeof anApplication>;
export type Known = Partial<Omit<Observation, 'observed'>>;

export const at = (ms: number) => new Date(started.getTime() + ms);

export function evidenceOf(
  revision: string,
  change: Partial<Observed>,
  evidence: Partial<Evidence> & { known?: Known } = {},
) {
  const { known, ...rest } = evidence;
  const relation = revision === ours ? 'same' : 'behind';
  return {
    application: 'argocd/dev',
    commit: { part: 0, repository: 'r', branch: 'b', revision: ours, commit: ours, applications: [] },
    committedAt: started.toISOString(),
    sourceIndex: 0,
    source: undefined,
    file: undefined,
    image: undefined,
    failedSync: undefined,
    observation: { observed: anApplication('dev', revision, change), gone: false, ...known },
    currentAsOf: started.toISOString(),
    relation: { revision, answer: { relation, namesImage: true }, askedAt: started.toISOString() },
    contained: undefined,
    refreshedAt: undefined,
    windows: [],
    ...rest,
  } satisfies Evidence;
}

export function verdict(
  revision: string,
  change: Partial<Observed>,
  evidence: Partial<Evidence> & { known?: Known } = {},
  now = started,
  limits: Partial<ArrivalPolicy> = {},
): Verdict {
  return judge(evidenceOf(revision, change, evidence), now, { ...policy, ...limits });
}

/** `waiting Progressing`, and words of the message. */
export function says(actual: Verdict, what: string, words: RegExp) {
  assert.ok(actual.is !== 'arrived', JSON.stringify(actual));
  assert.equal(`${actual.is} ${actual.reason}`, what, actual.message);
  assert.match(actual.message, words);
}

export const refreshOf = (actual: Verdict) => actual.is === 'waiting' && actual.refresh === true;
export const untilOf = (actual: Verdict) =>
  'until' in actual && actual.until ? actual.until - started.getTime() : undefined;
export const isBlind = (actual: Verdict) => actual.is === 'waiting' && actual.blind === true;

export const outOfSync = (revision: string): Partial<Observed> => ({
  sync: { status: 'OutOfSync', revisions: [revision] },
});
export const unknown = { relation: 'unknown' as const, message: 'the remote hangs' };
