import type { Log } from '@k8sta/bus';
import { subscribers, type Track } from '@k8sta/tracks';
import type { RegistryClient, TagList } from './client.js';
import type { FoundTag } from './open-found.js';
import { type SeenStore, SeenTags } from './seen.js';

export interface PollOptions {
  readonly tracks: readonly Track[];
  readonly client: Pick<RegistryClient, 'tags' | 'digest'>;
  readonly store: SeenStore;
  /** Opens the Tickets of a new tag. Returns the ids of those that did not exist. */
  readonly open: (found: FoundTag) => Promise<string[]>;
  readonly now: () => Date;
  readonly log: Log;
  /**
   * How long a new tag is left to its webhook, in milliseconds: a webhook that is on its way at the same time may carry
   * another id for the same push, which can only be recognised once the tracker has taken it.
   */
  readonly settleMs: number;
}

/** Looks for new tags of one repository, from one look to the next. */
export class RepositoryPoll {
  readonly #repository: string;
  readonly #options: PollOptions;
  #etag: string | undefined;
  /** New tags, and when each was first seen. */
  readonly #settling = new Map<string, Date>();

  constructor(repository: string, options: PollOptions) {
    this.#repository = repository;
    this.#options = options;
  }

  /** One look. What fails is looked at again next time; a tag counts as seen once its Tickets are stored. */
  async look(): Promise<void> {
    const { client, store, now, log } = this.#options;
    const repository = this.#repository;
    const list = await client.tags(repository, this.#settling.size === 0 ? this.#etag : undefined);
    if (list === 'unchanged') return;
    const seen = await store.load(repository);
    if (!seen) {
      await store.save(repository, SeenTags.of(list.tags), now());
      log.info({ repository, tags: list.tags.length }, 'registry: seen for the first time, only later tags ride');
      this.#etag = list.etag;
      return;
    }
    await this.#take(list, seen);
  }

  async #take(list: TagList, seen: SeenTags): Promise<void> {
    const { tracks, store, now, settleMs } = this.#options;
    const repository = this.#repository;
    const fresh = list.tags.filter((tag) => !seen.has(tag));
    const riding = new Set(fresh.filter((tag) => subscribers(tracks, repository, tag).length > 0));
    for (const tag of this.#settling.keys()) if (!riding.has(tag)) this.#settling.delete(tag);
    for (const tag of riding) if (!this.#settling.has(tag)) this.#settling.set(tag, now());
    const isSettled = (tag: string) => now().getTime() - (this.#settling.get(tag)?.getTime() ?? 0) >= settleMs;
    const due = [...riding].filter(isSettled).sort((one, other) => one.localeCompare(other, 'en', { numeric: true }));
    const handled = new Set<string>();
    try {
      for (const [at, tag] of due.entries()) {
        if (!(await this.#open(tag, at))) continue;
        handled.add(tag);
        this.#settling.delete(tag);
      }
    } finally {
      const done = list.tags.filter((tag) => !riding.has(tag) || handled.has(tag));
      if (done.some((tag) => !seen.has(tag))) await store.save(repository, seen.with(done), now());
    }
    this.#etag = list.etag;
  }

  /** Returns false if the tag has no manifest: it was deleted, or a registry lists it a moment before it can be read. */
  async #open(tag: string, at: number): Promise<boolean> {
    const { client, open, log, now } = this.#options;
    const repository = this.#repository;
    const digest = await client.digest(repository, tag);
    if (digest === undefined) return false;
    // The order of a lane: of several new tags, the higher is the later one.
    const seenAt = new Date((this.#settling.get(tag) ?? now()).getTime() + at);
    const tickets = await open({ repository, tag, digest, seenAt });
    const fields = { repository, tag, digest, tickets: tickets.length, ...(tickets[0] && { ticketid: tickets[0] }) };
    log.info(fields, tickets.length > 0 ? 'registry: new tag' : 'registry: new tag, which a webhook has announced');
    return true;
  }
}
