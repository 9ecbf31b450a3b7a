import type { Slice } from '@k8sta/applications';
import type { DataOf } from '@k8sta/contracts';
import { applications } from '../../services/argo-watcher/src/observe.js';
import { judge } from '../../services/tracker/src/arrival/judge.js';
import {
  type ArrivalPolicy,
  type Evidence,
  failedRevision,
  observedRevision,
  type Verdict,
} from '../../services/tracker/src/arrival/verdict.js';
import { type Observation, observe } from '../../services/tracker/src/observation.js';
import type { Commit } from './commits.js';
import { InputFault } from './fault.js';
import { History, isNamed } from './history.js';
import type { TraceEvent } from './trace.js';

/** A new verdict on one Application, and when it changed. */
export interface Change {
  readonly at: string;
  readonly application: string;
  readonly station: string;
  readonly commit: string;
  readonly verdict: Verdict;
}

export interface ReplayOptions {
  readonly commits: readonly Commit[];
  /** The time limits. A recording is always fresh. */
  readonly policy: Omit<ArrivalPolicy, 'freshForMs'>;
  /** The sync windows of each project. */
  readonly windows: Readonly<Record<string, DataOf<'project.observed'>['syncWindows']>>;
}

interface Followed {
  readonly key: string;
  /** The last slice that argo-watcher published. */
  published: Slice | undefined;
  observation: Observation;
  /** The commit that has to arrive here. */
  awaited: Commit | undefined;
  contained: string | undefined;
  last: string;
  lookAgainAt: number | undefined;
}

const instance = 'default';
const { read, compare } = applications(instance);

/**
 * Plays a trace through the code of argo-watcher and the tracker: slice, comparison, observation, judgement. The clock is
 * that of the trace; between two events, verdicts that change with time are judged again.
 */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #policy: ArrivalPolicy;
  readonly #history: History;
  readonly #followed = new Map<string, Followed>();
  readonly #coming: Commit[];
  readonly #made: Commit[] = [];

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#policy = { ...options.policy, freshForMs: Number.POSITIVE_INFINITY };
    this.#history = new History(options.commits);
    this.#coming = [...options.commits].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  }

  take({ at, object, isDeleted, where }: TraceEvent): Change[] {
    const slice = read(object, at);
    if ('fault' in slice) throw new InputFault(where.file, where.line, slice.fault);
    const before = this.runTo(at);
    const followed = this.#follow(slice.slice, isDeleted);
    return followed ? [...before, ...this.#judge(followed, at)] : before;
  }

  /** Applies commits and time up to `end`. */
  runTo(end: Date): Change[] {
    const changes: Change[] = [];
    for (;;) {
      const [commit] = this.#coming;
      const committedAt = commit ? Date.parse(commit.at) : Number.POSITIVE_INFINITY;
      const due = [...this.#followed.values()].filter(({ lookAgainAt }) => lookAgainAt !== undefined);
      const dueAt = Math.min(...due.map(({ lookAgainAt = 0 }) => lookAgainAt));
      const next = Math.min(committedAt, dueAt);
      if (next > end.getTime() || !Number.isFinite(next)) return changes;
      const concerned =
        commit && committedAt === next ? this.#commit(commit) : due.filter((each) => each.lookAgainAt === next);
      for (const followed of concerned) changes.push(...this.#judge(followed, new Date(next)));
    }
  }

  #commit(commit: Commit): Followed[] {
    this.#coming.shift();
    this.#made.push(commit);
    const concerned = [...this.#followed.values()].filter(({ key }) => isFor(commit, key));
    for (const followed of concerned) awaitFrom(followed, commit);
    return concerned;
  }

  /** Undefined if argo-watcher would publish nothing. */
  #follow(slice: Slice, isDeleted: boolean): Followed | undefined {
    const key = `${slice.namespace}/${slice.name}`;
    const known = this.#followed.get(key);
    if (isDeleted) {
      if (!known) return undefined;
      known.published = undefined;
      known.observation = { ...known.observation, gone: true };
      return known;
    }
    if (compare(known?.published, slice) !== 'changed') return undefined;
    this.#history.see(slice);
    const followed = known ?? this.#begin(key, slice);
    followed.published = slice;
    followed.observation = observe(known?.observation, slice);
    return followed;
  }

  #begin(key: string, slice: Slice): Followed {
    const followed: Followed = {
      ...{ key, published: slice, observation: observe(undefined, slice) },
      ...{ awaited: undefined, contained: undefined, last: '', lookAgainAt: undefined },
    };
    const commit = this.#made.findLast((each) => isFor(each, key));
    if (commit) awaitFrom(followed, commit);
    this.#followed.set(key, followed);
    return followed;
  }

  #judge(followed: Followed, now: Date): Change[] {
    followed.lookAgainAt = undefined;
    const { awaited, key } = followed;
    if (!awaited) return [];
    const evidence = this.#evidenceOf(followed, awaited, now);
    const verdict = judge(evidence, now, this.#policy);
    const answer = evidence.relation?.answer.relation;
    if (answer === 'same' || answer === 'contains') followed.contained = evidence.relation?.revision;
    const until = 'until' in verdict ? verdict.until : undefined;
    if (until !== undefined && Number.isFinite(until) && until > now.getTime()) followed.lookAgainAt = until;
    const { until: _, ...rest } = { until: undefined, ...verdict };
    const signature = JSON.stringify([awaited.commit, rest]);
    if (signature === followed.last) return [];
    followed.last = signature;
    const { station = '', commit } = awaited;
    return [{ at: now.toISOString(), application: key, station, commit, verdict }];
  }

  #evidenceOf({ key, observation, contained }: Followed, awaited: Commit, now: Date): Evidence {
    const { sources, project, observedAt } = observation.observed;
    const evidence: Evidence = {
      application: key,
      commit: {
        ...{ part: 0, repository: '', branch: '', applications: [] },
        ...{ revision: awaited.commit, commit: awaited.commit },
      },
      committedAt: awaited.at,
      // A commit can only change a directory in Git.
      sourceIndex: Math.max(
        0,
        sources.findIndex(({ path, chart }) => path !== undefined && chart === undefined),
      ),
      source: undefined,
      file: undefined,
      image: awaited.image,
      observation,
      currentAsOf: now.toISOString(),
      relation: undefined,
      failedSync: undefined,
      contained,
      // As if the promoter had answered at once, and a refresh had followed.
      refreshedAt: observedAt,
      windows: this.#options.windows[project] ?? [],
    };
    const known = (revision: string | undefined): Evidence['relation'] =>
      revision === undefined
        ? undefined
        : { revision, answer: this.#history.relationOf(revision, awaited, key), askedAt: observedAt };
    return { ...evidence, relation: known(observedRevision(evidence)), failedSync: known(failedRevision(evidence)) };
  }
}

function isFor({ applications = [] }: Commit, key: string): boolean {
  return applications.some((name) => isNamed(key, name));
}

function awaitFrom(followed: Followed, commit: Commit): void {
  followed.awaited = commit;
  followed.contained = undefined;
}
