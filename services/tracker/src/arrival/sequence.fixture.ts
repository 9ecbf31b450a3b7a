import assert from 'node:assert/strict';
import type { DataOf } from '@k8sta/contracts';
import type { TrackEvent } from '../ride/event.js';
import type { Policy } from '../ride/policy.js';
import { anApplication, aTrack, idOf, sha, TestTrack } from '../ride/ride.fixture.js';

export type Observed = DataOf<'application.observed'>;
export type Operation = NonNullable<Observed['operation']>;

export const [old, ours, later] = [sha('0'), sha('1'), sha('2')];
const relations = { [old]: 'behind', [ours]: 'same', [later]: 'contains' } as const;

/** One Application, whose Station has just got our commit, as it is seen over time. */
export class Watched {
  readonly line: TestTrack;
  /** What became of the Ticket here; undefined while it waits. */
  end: Extract<TrackEvent, { type: 'arrived' | 'failed' }> | undefined;
  #base: Partial<Observed> = {};

  constructor(limits: Partial<Policy> = {}) {
    this.line = new TestTrack(aTrack({ dev: ['dev'], prod: ['prod'] }), limits);
    this.line.observe(anApplication('dev', old), anApplication('prod', old));
    this.line.current();
    this.line.push('1.0.0');
    this.line.commit('1.0.0', ours);
  }

  /** What is so in all that is seen from now on. */
  always(base: Partial<Observed>): this {
    this.#base = base;
    return this;
  }

  /** Argo CD's status now; the promoter answers how the revision relates to our commit. */
  sees(revision: string, change: Partial<Observed>, named?: string): this {
    const observed = anApplication('dev', revision, {
      observedAt: this.line.now.toISOString(),
      ...this.#base,
      ...change,
    });
    this.#note(this.line.observe(observed));
    const compared = observed.hydration ? observed.hydration.dryRevision : observed.sync.revisions[0];
    const relation = relations[compared ?? ''];
    if (!compared || !relation || !this.line.state.tickets[idOf('1.0.0')]) return this;
    const names = { namesImage: named === undefined && relation !== 'behind', ...(named ? { named } : {}) };
    this.#note(this.line.answer('1.0.0', 'dev', compared, { relation, ...names }));
    return this;
  }

  /** The promoter answers how the revision of a sync that failed relates to our commit. */
  learns(revision: string): this {
    const relation = relations[revision] ?? 'unknown';
    this.#note(this.line.answer('1.0.0', 'dev', revision, { relation }, 'failedSync'));
    return this;
  }

  later(ms: number): this {
    this.line.later(ms);
    this.#note(this.line.current());
    this.#note(this.line.tick());
    return this;
  }

  waits(words: RegExp): this {
    assert.equal(this.end, undefined, JSON.stringify(this.end));
    assert.match(this.line.message('1.0.0'), words);
    return this;
  }

  arrived(): this {
    assert.equal(this.end?.type, 'arrived', JSON.stringify(this.end ?? this.line.state.tickets));
    return this;
  }

  failed(words: RegExp): this {
    assert.ok(this.end?.type === 'failed', JSON.stringify(this.end));
    assert.match(this.end.message, words);
    return this;
  }

  get refreshesAsked(): number {
    return this.line.live('1.0.0').promotion?.applications['argocd/dev']?.refreshes?.count ?? 0;
  }

  #note(events: TrackEvent[]): void {
    for (const event of events) {
      if (event.type === 'failed' || (event.type === 'arrived' && event.station === 'dev')) this.end ??= event;
    }
  }
}

export const outOfSync = (revision: string): Partial<Observed> => ({
  sync: { status: 'OutOfSync', revisions: [revision] },
});
export const operation = (change: Partial<Operation>): Partial<Observed> => ({
  operation: { phase: 'Succeeded', revisions: [ours], startedAt: '2026-03-01T12:00:05Z', ...change },
});
export const over = operation({ finishedAt: '2026-03-01T12:00:09Z' });
export const before = operation({
  revisions: [old],
  startedAt: '2026-02-01T00:00:00Z',
  finishedAt: '2026-02-01T00:00:00Z',
});
export const running = {
  ...operation({ phase: 'Running', message: 'waiting for healthy state of apps/Deployment/web' }),
  operationPending: true,
};
export const health = (status: string, message?: string): Partial<Observed> => ({
  health: { status, ...(message ? { message } : {}) },
});
export const fresh = { reconciledAt: '2026-03-01T12:00:09Z' };
export const stale = { reconciledAt: '2026-03-01T12:00:08Z' };
