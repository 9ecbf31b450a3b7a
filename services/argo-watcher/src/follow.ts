import { backoffMs } from '@k8sta/bus';
import { applicationKey } from '@k8sta/contracts';
import type { Logger } from '@k8sta/runtime';
import type { Clock } from './clock.js';
import type { FindDeparted, Listed } from './departed.js';
import type { Kind, Named } from './kind.js';
import type { Outbox } from './outbox.js';
import type { ObjectSource, Refusal, WatchStep } from './source.js';

/** The outcome of an object that was read. */
export type Seen = 'published' | 'suppressed' | 'malformed';

export interface FollowerOptions<Kept extends Named> {
  readonly kind: Kind<Kept>;
  readonly source: ObjectSource;
  readonly outbox: Pick<Outbox, 'put'>;
  readonly findDeparted: FindDeparted;
  /** How long the watch may be silent before its observations count as stale. */
  readonly idleMs: number;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn'>;
  readonly onSeen: (seen: Seen) => void;
  readonly onList: () => void;
  /** The watch is open, and everything before it is in the outbox. */
  readonly onOpen: () => void;
}

interface Unswept extends Listed {
  readonly askedAtMs: number;
}

/** After so many failures in a row the resourceVersion may be the cause, so everything is listed again. */
const relistAfter = 5;

/**
 * Follows the objects of one source: lists them, watches from there on, and lists again when the watch has lost its place.
 * Keeps only the last slice of each object.
 */
export class Follower<Kept extends Named> {
  readonly #options: FollowerOptions<Kept>;
  readonly #known = new Map<string, Kept>();
  #resourceVersion: string | undefined;
  /** A list that was not compared with the bus yet. */
  #unswept: Unswept | undefined;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #fault: string | undefined;

  constructor(options: FollowerOptions<Kept>) {
    this.#options = options;
    this.#fault = `the first list of ${options.kind.plural} is not done`;
  }

  /** The last slice of each object, by `namespace/name`. */
  get known(): ReadonlyMap<string, Kept> {
    return this.#known;
  }

  /** The last sign of life: everything that happened before it is in the outbox. */
  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  get isListed(): boolean {
    return this.#heardAtMs > Number.NEGATIVE_INFINITY;
  }

  /** Why the observations may not be current, as a sentence; undefined while they are. */
  get fault(): string | undefined {
    if (this.#fault !== undefined) return this.#fault;
    const { clock, idleMs } = this.#options;
    const silentMs = clock.now() - this.#heardAtMs;
    return silentMs > idleMs ? `the watch has given no sign of life for ${silentMs} ms` : undefined;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const pauseMs = await this.step(signal);
      if (pauseMs > 0) await this.#options.clock.pause(pauseMs, signal);
    }
  }

  /** Runs one list, or one connection of the watch, to its end. Returns how long to pause before the next. */
  async step(signal: AbortSignal): Promise<number> {
    if (this.#unswept) return this.#sweep(this.#unswept);
    return this.#resourceVersion === undefined ? this.#list(signal) : this.#watch(this.#resourceVersion, signal);
  }

  async #list(signal: AbortSignal): Promise<number> {
    const { source, clock, onList } = this.#options;
    // The list shows a state that is not older than the request.
    const askedAtMs = clock.now();
    const keys = new Set<string>();
    onList();
    for await (const step of source.list(signal)) {
      if (step.is === 'refused') return this.#refused(step.refusal, signal);
      if (step.is === 'items') {
        for (const object of step.items) {
          const slice = this.#take(object);
          if (slice) keys.add(applicationKey(slice));
        }
      } else {
        const { resourceVersion } = step;
        for (const [key, slice] of this.#known) if (!keys.has(key)) this.#forget(slice, resourceVersion);
        return this.#sweep({ keys, resourceVersion, askedAtMs });
      }
    }
    return this.#failed('the list ended in the middle');
  }

  /** Only after this the bus is current: it may still show an Application that was deleted while no watcher ran. */
  async #sweep(listed: Unswept): Promise<number> {
    const { findDeparted, outbox, clock, onSeen } = this.#options;
    this.#unswept = listed;
    try {
      for (const event of await findDeparted(listed, new Date(clock.now()))) {
        outbox.put(applicationKey(event.data), event, this.#heardAtMs);
        onSeen('published');
      }
    } catch (error) {
      return this.#failed(`the bus cannot be asked which Applications have gone: ${(error as Error).message}`);
    }
    this.#unswept = undefined;
    this.#resourceVersion = listed.resourceVersion;
    this.#heardAtMs = listed.askedAtMs;
    this.#fault = 'the watch is not open yet';
    return 0;
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<number> {
    const { source, clock, onOpen } = this.#options;
    const beganAtMs = clock.now();
    let hasProgressed = false;
    for await (const step of source.watch(resourceVersion, signal)) {
      if (step.is === 'refused') {
        if (hasProgressed) this.#failures = 0;
        return this.#refused(step.refusal, signal);
      }
      if (step.is === 'open') {
        if (this.#failures > 0) this.#options.log.info({ failures: this.#failures }, 'watch is open again');
        this.#fault = undefined;
        onOpen();
      } else {
        this.#progress(step);
        hasProgressed = true;
      }
    }
    // A connection that ended regularly has sent everything, even without a bookmark.
    if (clock.now() - beganAtMs >= 0.9 * source.watchMs) {
      this.#failures = 0;
      this.#heardAtMs = clock.now();
      return 0;
    }
    if (hasProgressed) this.#failures = 0;
    return this.#later();
  }

  #progress(step: Extract<WatchStep, { is: 'event' | 'bookmark' }>): void {
    const reached = step.is === 'bookmark' ? step.resourceVersion : this.#event(step)?.resourceVersion;
    this.#resourceVersion = reached ?? this.#resourceVersion;
    // Set only now: an event that waits in the outbox counts from the sign of life before it.
    this.#heardAtMs = this.#options.clock.now();
  }

  #event({ type, object }: Extract<WatchStep, { is: 'event' }>): Kept | undefined {
    if (type !== 'DELETED') return this.#take(object);
    const slice = this.#read(object);
    const known = slice && this.#known.get(applicationKey(slice));
    if (slice && known?.uid === slice.uid) this.#forget(known, slice.resourceVersion);
    return slice;
  }

  /** Publishes the object if it has changed. */
  #take(object: unknown): Kept | undefined {
    const { kind, outbox, onSeen } = this.#options;
    const slice = this.#read(object);
    if (!slice) return undefined;
    const key = applicationKey(slice);
    const comparison = kind.compare(this.#known.get(key), slice);
    if (comparison !== 'older') this.#known.set(key, slice);
    if (comparison === 'changed') outbox.put(key, kind.observed(slice), this.#heardAtMs);
    onSeen(comparison === 'changed' ? 'published' : 'suppressed');
    return slice;
  }

  #read(object: unknown): Kept | undefined {
    const { kind, clock, log, onSeen } = this.#options;
    const read = kind.read(object, new Date(clock.now()));
    if ('slice' in read) return read.slice;
    log.warn({ message: read.fault, of: kind.plural }, 'object skipped, it is not valid');
    onSeen('malformed');
    return undefined;
  }

  #forget(slice: Kept, resourceVersion: string): void {
    const { kind, outbox, clock, onSeen } = this.#options;
    const key = applicationKey(slice);
    this.#known.delete(key);
    const event = kind.gone(slice, resourceVersion, new Date(clock.now()));
    if (!event) return;
    outbox.put(key, event, this.#heardAtMs);
    onSeen('published');
  }

  #refused({ kind, words, retryAfterMs = 0 }: Refusal, signal: AbortSignal): number {
    if (signal.aborted) return 0;
    if (kind === 'expired') this.#resourceVersion = undefined;
    const pauseMs = Math.max(this.#failed(words), retryAfterMs);
    if (this.#failures % relistAfter === 0) this.#resourceVersion = undefined;
    return pauseMs;
  }

  #failed(words: string): number {
    // Each failure is logged once, not every half minute.
    const { log, kind } = this.#options;
    if (this.#fault !== words) log.warn({ message: words }, kind.unfollowed);
    this.#fault = words;
    return this.#later();
  }

  #later(): number {
    this.#failures += 1;
    return backoffMs(this.#failures, this.#options.clock.random());
  }
}
