import { type Bus, done, later, type Outcome } from '@k8sta/bus';
import { partId, partTokens } from '@k8sta/contracts';
import { LRUCache } from 'lru-cache';
import pLimit, { type LimitFunction } from 'p-limit';
import { ForgeFault, type ForgeOf } from '../forge/forge.js';
import { type CircuitBreaker, failedRemote, remotesOf } from '../git/circuit-breaker.js';
import { RemoteFault } from '../git/git.js';
import { refuse } from '../part.js';
import { type PartContext, PartEvents } from '../promotion/part-events.js';
import type { Delivery, WriteStrategy } from '../promotion/write-strategy.js';
import { lookAgainMs, lookSoonMs } from './look-again.js';
import { Reconcile, type ReconcileContext, type Reconciled } from './reconcile.js';
import { Unreachable } from './unreachable-forge.js';

export interface ProposalsOptions extends PartContext, Omit<ReconcileContext, 'bus'> {
  readonly bus: Pick<Bus, 'publish' | 'last' | 'since' | 'ask'>;
  readonly forgeOf: ForgeOf;
  readonly breaker: CircuitBreaker;
  readonly jitter: (ms: number) => number;
  /** From 0 to 1, to spread the looks. */
  readonly random: () => number;
}

/** How many pull requests are looked at at once. */
const maxAtOnce = 64;

/** How many parts are remembered. To look at a forgotten one early, or to answer it again, does no harm. */
const max = 10_000;

/** Writes each part by a pull request of its own. A request that waits for a merge is handed back to the bus. */
export class Proposals implements WriteStrategy {
  readonly #options: ProposalsOptions;
  readonly #limit: LimitFunction;
  /** One look at a time for each part. */
  readonly #parts = new Map<string, LimitFunction>();
  /** How many looks in a row found something that is about to change by itself. */
  readonly #soons = new LRUCache<string, number>({ max });
  readonly #answered = new LRUCache<string, true>({ max });
  readonly #unreachable: Unreachable;

  constructor(options: ProposalsOptions) {
    this.#options = options;
    this.#limit = pLimit(maxAtOnce);
    this.#unreachable = new Unreachable(options);
  }

  /** Whether another look at the part is about to start: a further one would see the same. */
  isAboutToLook(promotion: string, part: number): boolean {
    return (this.#parts.get(partId(promotion, part))?.pendingCount ?? 0) > 0;
  }

  async write(delivery: Delivery): Promise<Reconciled> {
    const { promotion, part, issue } = delivery.requested.data;
    const id = partId(promotion, part);
    const inTurn = this.#parts.get(id) ?? pLimit(1);
    this.#parts.set(id, inTurn);
    try {
      return await inTurn(() => this.#limit(() => this.#once(delivery, `${id} ${issue}`)));
    } finally {
      if (inTurn.activeCount + inTurn.pendingCount === 0) this.#parts.delete(id);
    }
  }

  async #once(delivery: Delivery, key: string): Promise<Reconciled> {
    if (this.#answered.has(key)) return done;
    const outcome = await this.#reconcile(delivery);
    if (outcome.is === 'done') this.#answered.set(key, true);
    return outcome;
  }

  async #reconcile(delivery: Delivery): Promise<Reconciled> {
    const { requested, repository, deliveries } = delivery;
    const { breaker, now, jitter, random } = this.#options;
    const events = new PartEvents(requested, this.#options);
    const remotes = remotesOf(repository, [requested.data]);
    const open = breaker.open(remotes, now());
    if (open) return later(jitter(open.pauseMs), open.why);
    try {
      const outcome = await this.#run(events, delivery);
      for (const remote of remotes) breaker.succeeded(remote);
      this.#unreachable.reached(events);
      if (outcome.is === 'later' && outcome.isSoon) return this.#soon(events.id, outcome.because);
      this.#soons.delete(events.id);
      return outcome.is === 'later' ? later(lookAgainMs(deliveries, random()), outcome.because) : outcome;
    } catch (error) {
      if (!(error instanceof RemoteFault)) throw error;
      const given = await this.#unreachable.giveUp(events, error.message);
      if (given) return given;
      // A forge that fails must not keep direct commits from a Git server that works.
      if (error instanceof ForgeFault) {
        return later(error.retryAfterMs ?? lookAgainMs(deliveries, random()), error.message);
      }
      const pauseMs = breaker.failed(failedRemote(repository, error), error.message, now());
      return later(jitter(pauseMs), error.message);
    }
  }

  async #run(events: PartEvents, { repository }: Delivery): Promise<Reconciled> {
    const wish = events.request.write?.pullRequest?.provider;
    const proposed = await this.#options.bus.last('promotion.proposed', partTokens(events.request));
    const forge = await this.#options.forgeOf(repository.address, wish ?? proposed?.data.provider);
    if (typeof forge === 'string') return this.#unknown(events, forge);
    return new Reconcile(events, repository, forge, this.#options).run();
  }

  #soon(id: string, because: string): Reconciled {
    const looks = (this.#soons.get(id) ?? 0) + 1;
    this.#soons.set(id, looks);
    return { ...later(lookSoonMs(looks), because), isSoon: true };
  }

  #unknown(events: PartEvents, why: string): Promise<Outcome> {
    return events.fail(refuse('ForgeUnknown', why));
  }
}
