import type { Bus, Outcome } from '@k8sta/bus';
import { partTokens } from '@k8sta/contracts';
import { LRUCache } from 'lru-cache';
import { refuse } from '../part.js';
import type { PartContext, PartEvents } from '../promotion/part-events.js';

export interface UnreachableOptions extends PartContext {
  readonly bus: Pick<Bus, 'publish' | 'last' | 'ask'>;
}

/** For how long a pull request that the tracker does not want any more is tried to be closed. */
const closeForMs = 60 * 60_000;

/** Ends parts whose forge or Git server fails for too long, so that their Tickets end, too. */
export class Unreachable {
  readonly #options: UnreachableOptions;
  /** Since when parts that are not wanted any more could not be closed, in milliseconds. */
  readonly #since = new LRUCache<string, number>({ max: 10_000 });

  constructor(options: UnreachableOptions) {
    this.#options = options;
  }

  reached({ id }: PartEvents): void {
    this.#since.delete(id);
  }

  /**
   * The answer of a part that has to be given up. Before it has started, nothing was pushed. After that, a pull request may
   * be open that nobody would look at any more: the promoter tries for as long again, and then says so.
   */
  async giveUp(events: PartEvents, failure: string): Promise<Outcome | undefined> {
    const { requestedAt, notAfter } = events.request;
    const now = this.#options.now().getTime();
    const end = Date.parse(notAfter);
    if (now <= end) return undefined;
    const proposed = await this.#options.bus.last('promotion.proposed', partTokens(events.request));
    if (proposed) return this.#giveUpOpen(events, `${failure}; close ${proposed.data.url} yourself`, now);
    const message = `the pull request was not opened before ${notAfter}`;
    if (!(await events.readStarted()))
      return events.fail(refuse('Withdrawn', `${message}; the last failure: ${failure}`));
    if (now <= end + (end - Date.parse(requestedAt))) return undefined;
    const doubt = 'the promoter could not see whether it was opened';
    return events.fail(refuse('Withdrawn', `${message}; ${doubt}; the last failure: ${failure}`));
  }

  /** The age of the Ticket bounds a pull request that is wanted. */
  async #giveUpOpen(events: PartEvents, failure: string, now: number): Promise<Outcome | undefined> {
    const answer = await events.wanted();
    if (answer?.wanted !== false) return undefined;
    const since = this.#since.get(events.id) ?? now;
    this.#since.set(events.id, since);
    if (now - since < closeForMs) return undefined;
    this.#since.delete(events.id);
    const why = answer.message ?? 'the tracker does not want this promotion any more';
    return events.fail(refuse('Withdrawn', `${why}; its pull request could not be closed: ${failure}`));
  }
}
