import type { DataOf } from '@k8sta/contracts';
import type { KnownRelation } from '../../services/tracker/src/observation.js';
import type { Commit } from './commits.js';

type Observed = DataOf<'application.observed'>;
type Answer = KnownRelation['answer'];

/** Takes the place of the promoter: answers how revisions relate to our commits, by the order of a commits file. */
export class History {
  readonly #commits: readonly Commit[];
  /** When Argo CD first used each revision that is not in the file. */
  readonly #seenAt = new Map<string, number>();

  constructor(commits: readonly Commit[]) {
    this.#commits = commits;
  }

  /** A revision that Argo CD compared or synced before our commit existed cannot contain it. */
  see({ sync, operation, history = [], reconciledAt, observedAt }: Observed): void {
    const comparedAt = Date.parse(reconciledAt ?? observedAt);
    const startedAt = Math.min(comparedAt, Date.parse(operation?.startedAt ?? observedAt));
    for (const revision of sync.revisions) this.#seeAt(revision, comparedAt);
    for (const revision of operation?.revisions ?? []) this.#seeAt(revision, startedAt);
    for (const revision of history.slice(0, -1).flat()) this.#seeAt(revision, startedAt);
  }

  relationOf(revision: string, ours: Commit, application: string): Answer {
    const [at, oursAt] = [this.#indexOf(revision), this.#commits.indexOf(ours)];
    if (at < 0) {
      const isOlder = (this.#seenAt.get(revision) ?? Number.POSITIVE_INFINITY) < Date.parse(ours.at);
      return isOlder
        ? { relation: 'behind' }
        : { relation: 'unknown', message: 'the commits file does not contain it' };
    }
    if (at < oursAt) return { relation: 'behind' };
    const named = namedAt(this.#commits.slice(oursAt, at + 1), application);
    return {
      relation: at === oursAt ? 'same' : 'contains',
      namesImage: named === undefined,
      ...(named !== undefined && { named }),
    };
  }

  #indexOf(revision: string): number {
    return this.#commits.findIndex(({ commit }) => commit === revision);
  }

  #seeAt(revision: string, at: number): void {
    this.#seenAt.set(revision, Math.min(at, this.#seenAt.get(revision) ?? at));
  }
}

/** Whether the name means this Application; the file may omit the namespace. */
export function isNamed(application: string, name: string): boolean {
  return name === application || name === application.slice(application.indexOf('/') + 1);
}

/** What the files of an Application name instead of our image, by the last commit that says so. */
function namedAt(commits: readonly Commit[], application: string): string | undefined {
  const names = commits.flatMap(({ names = {} }) =>
    Object.entries(names).filter(([name]) => isNamed(application, name)),
  );
  return names.at(-1)?.[1];
}
