import type { ObjectStore, Stored } from './store.js';

export interface ListQuery {
  matches: (stored: Stored) => boolean;
  limit: number | undefined;
  continue: string | undefined;
}

export interface ListPage {
  items: readonly Stored[];
  resourceVersion: number;
  continue?: string;
  remaining?: number;
}

interface Snapshot {
  items: readonly Stored[];
  resourceVersion: number;
}

/** How many unfinished lists the server keeps; it drops the oldest first. */
const snapshotsKept = 32;

/** Lists in pages. All pages of a list show the objects as they were when its first page was read. */
export class Lists {
  readonly #snapshots = new Map<string, Snapshot>();
  #count = 0;

  page(store: ObjectStore, query: ListQuery): ListPage | 'malformed' | 'expired' {
    if (query.continue) return this.#next(query.continue, query.limit);
    const snapshot = { items: store.all().filter(query.matches), resourceVersion: store.versions.last };
    return this.#cut(snapshot, undefined, 0, query.limit);
  }

  /** Expires every `continue` token issued so far. */
  expire(): void {
    this.#snapshots.clear();
  }

  #next(token: string, limit: number | undefined): ListPage | 'malformed' | 'expired' {
    const [, id, start] = /^(\d+):(\d+)$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
    if (!id || !start) return 'malformed';
    const snapshot = this.#snapshots.get(id);
    return snapshot ? this.#cut(snapshot, id, Number(start), limit) : 'expired';
  }

  #cut(snapshot: Snapshot, id: string | undefined, start: number, limit: number | undefined): ListPage {
    const { items, resourceVersion } = snapshot;
    const end = limit ? start + limit : items.length;
    if (end >= items.length) return { items: items.slice(start), resourceVersion };
    const token = `${id ?? this.#keep(snapshot)}:${end}`;
    return {
      items: items.slice(start, end),
      resourceVersion,
      continue: Buffer.from(token).toString('base64url'),
      remaining: items.length - end,
    };
  }

  #keep(snapshot: Snapshot): string {
    const id = String(++this.#count);
    this.#snapshots.set(id, snapshot);
    const oldest = this.#snapshots.keys().next().value;
    if (this.#snapshots.size > snapshotsKept && oldest !== undefined) this.#snapshots.delete(oldest);
    return id;
  }
}
