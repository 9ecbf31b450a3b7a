import { type LogOnce, logOnce } from '@k8sta/bus';
import { type ApplicationRef, applicationKey } from '@k8sta/contracts';
import type { Logger } from '@k8sta/runtime';
import { unreachable } from '@k8sta/text';
import type { Clock } from './clock.js';
import type { Refusal } from './source.js';

/** Asks Argo CD to compare the Application with Git now. Resolves with undefined on success. */
export type AskArgoCd = (application: ApplicationRef, now: Date) => Promise<Refusal | undefined>;

export type RefreshOutcome =
  | { readonly is: 'asked' }
  /** The Application no longer exists. */
  | { readonly is: 'absent' }
  /** Not permitted, or the request is wrong. Argo CD still polls by itself, only later. */
  | { readonly is: 'refused' }
  | { readonly is: 'later'; readonly delayMs: number; readonly because: string };

export interface RefresherOptions {
  readonly ask: AskArgoCd;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn' | 'info' | 'error'>;
  readonly onOutcome: (outcome: RefreshOutcome['is']) => void;
}

const everyMs = 1_000;
const retryMs = 5_000;

/** Asks Argo CD for refreshes: at most one per Application and second, and always for the last request. */
export class Refresher {
  readonly #options: RefresherOptions;
  /** When each was last asked for, the oldest first; entries older than a second are dropped. */
  readonly #askedAtMs = new Map<string, number>();
  readonly #waiting = new Map<string, Promise<RefreshOutcome>>();
  readonly #ended = new AbortController();
  readonly #once: LogOnce;

  constructor(options: RefresherOptions) {
    this.#options = options;
    this.#once = logOnce(options.log);
  }

  async refresh(application: ApplicationRef): Promise<RefreshOutcome> {
    const key = applicationKey(application);
    // Argo CD starts after this request is sent, so it serves all requests until then.
    const waiting = this.#waiting.get(key);
    if (waiting) return waiting;
    const { clock } = this.#options;
    const pauseMs = (this.#askedAtMs.get(key) ?? Number.NEGATIVE_INFINITY) + everyMs - clock.now();
    if (pauseMs <= 0) return this.#ask(key, application);
    const turn = clock.pause(pauseMs, this.#ended.signal).then(() => {
      this.#waiting.delete(key);
      return this.#ask(key, application);
    });
    this.#waiting.set(key, turn);
    return turn;
  }

  /** Sends the refreshes that wait, now. */
  async stop(): Promise<void> {
    this.#ended.abort();
    await Promise.allSettled(this.#waiting.values());
  }

  async #ask(key: string, application: ApplicationRef): Promise<RefreshOutcome> {
    const { ask, clock, onOutcome } = this.#options;
    const now = clock.now();
    this.#askedAtMs.delete(key);
    this.#askedAtMs.set(key, now);
    for (const [other, askedAtMs] of this.#askedAtMs) {
      if (askedAtMs + everyMs > now) break;
      this.#askedAtMs.delete(other);
    }
    const outcome = this.#judge(await ask(application, new Date(now)), key);
    onOutcome(outcome.is);
    return outcome;
  }

  #judge(refusal: Refusal | undefined, application: string): RefreshOutcome {
    if (!refusal) {
      this.#once.recovered({ application }, 'refreshes work again');
      return { is: 'asked' };
    }
    const { kind, words, retryAfterMs = retryMs } = refusal;
    switch (kind) {
      case 'absent':
        return { is: 'absent' };
      case 'forbidden':
      case 'rejected':
        this.#once.failed('refused', { application, message: words }, 'refreshes are refused, continuing without them');
        return { is: 'refused' };
      case 'expired':
      case 'unauthorized':
      case 'failed':
        return { is: 'later', delayMs: retryAfterMs, because: words };
      default:
        return unreachable('refusal', kind);
    }
  }
}
