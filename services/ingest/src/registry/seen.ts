import { createHash } from 'node:crypto';
import type { Bus } from '@k8sta/bus';
import { eventId, repositoryToken } from '@k8sta/contracts';
import { mostTags } from './client.js';

const markLength = 8;

/** Stands for a tag: tags may have 128 characters, and all that were seen must fit into one message. */
function markOf(tag: string): string {
  return createHash('sha256').update(tag).digest('base64url').slice(0, markLength);
}

/** Which tags of a repository were seen. */
export class SeenTags {
  readonly #marks: ReadonlySet<string>;

  constructor(marks: ReadonlySet<string>) {
    this.#marks = marks;
  }

  static of(tags: readonly string[]): SeenTags {
    return new SeenTags(new Set(tags.map(markOf)));
  }

  static parse(text: string): SeenTags {
    return new SeenTags(new Set(text.match(new RegExp(`.{${markLength}}`, 'g'))));
  }

  has(tag: string): boolean {
    return this.#marks.has(markOf(tag));
  }

  /**
   * With these tags too. A tag that the registry no longer lists stays seen: a registry that answers with an empty list for a
   * moment must not make everything new. Only beyond the bound the ones that are not listed are forgotten.
   */
  with(tags: readonly string[]): SeenTags {
    const listed = new Set(tags.map(markOf));
    const all = new Set([...listed, ...this.#marks]);
    return new SeenTags(all.size <= mostTags ? all : listed);
  }

  get size(): number {
    return this.#marks.size;
  }

  toString(): string {
    return [...this.#marks].join('');
  }
}

/** Keeps what was seen on the bus, where it survives a restart. */
export interface SeenStore {
  /** Undefined if the repository was never seen. */
  load(repository: string): Promise<SeenTags | undefined>;
  save(repository: string, seen: SeenTags, listedAt: Date): Promise<void>;
}

export function seenOnBus(bus: Pick<Bus, 'last' | 'publish'>): SeenStore {
  return {
    async load(repository) {
      const event = await bus.last('registry.listed', { repository: repositoryToken(repository) });
      return event && SeenTags.parse(event.data.seen);
    },
    async save(repository, seen, listedAt) {
      const at = listedAt.toISOString();
      await bus.publish({
        type: 'registry.listed',
        id: eventId(
          'registry.listed',
          repository,
          createHash('sha256').update(`${seen}${at}`).digest('hex').slice(0, 16),
        ),
        data: { repository, tags: seen.size, seen: String(seen), listedAt: at },
      });
    },
  };
}
