import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus, Stored } from '@k8sta/bus';
import type { ProposalChanged } from './mention.js';

export interface HintPublisherOptions {
  readonly bus: Pick<Bus, 'publish'>;
  /** Resolves after so many milliseconds. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

/** Senders wait for their answer: Gitea for five seconds, GitHub and GitLab for ten. */
const gapMs = 2_000;

/** The others are published at once. */
const mostPaced = 1_000;

/** One publication, and the next one after the gap, if anything asked for it. */
interface Paced {
  readonly over: Promise<void>;
  next?: Promise<Stored>;
}

/**
 * Publishes hints. A CI reports fifty checks of a commit within seconds, and each hint makes the promoter ask the forge. So of one
 * branch, the first of them is published at once, and those of the next two seconds together after that: the promoter always
 * hears of the last one.
 */
export class HintPublisher {
  readonly #options: HintPublisherOptions;
  readonly #paced = new Map<string, Paced>();

  constructor(options: HintPublisherOptions) {
    this.#options = options;
  }

  /** Resolves once JetStream holds this hint, or a later one that says the same. */
  async publish(hint: ProposalChanged): Promise<Stored> {
    const { track, station, ticket, attempt, part, provider, repository, what } = hint.data;
    // The end of a pull request comes once, and nothing should delay it.
    if (what === 'merged' || what === 'closed') return this.#options.bus.publish(hint);
    const key = [track, station, ticket, attempt, part, provider, repository, what].join(' ');
    const before = this.#paced.get(key);
    if (before?.next) return { ...(await before.next), duplicate: true };
    if (before) {
      before.next = before.over.then(() => this.#start(key, hint));
      return before.next;
    }
    if (this.#paced.size >= mostPaced) return this.#options.bus.publish(hint);
    return this.#start(key, hint);
  }

  #start(key: string, hint: ProposalChanged): Promise<Stored> {
    const { bus, pause = (ms) => sleep(ms, undefined, { ref: false }) } = this.#options;
    const stored = bus.publish(hint);
    const ignore = () => {};
    const paced: Paced = {
      over: stored
        .then(ignore, ignore)
        .then(() => pause(gapMs))
        .then(ignore),
    };
    this.#paced.set(key, paced);
    paced.over.then(() => {
      if (!paced.next) this.#paced.delete(key);
    });
    return stored;
  }
}
