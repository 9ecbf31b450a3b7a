import { setTimeout as pause } from 'node:timers/promises';
import type { Plan } from '../../part.js';
import type { Progress } from './connection.js';
import { drop } from './drop.js';
import { Elsewhere } from './elsewhere.js';
import { isMirrorFault } from './fault.js';
import { look } from './look.js';
import { fetchedAgain, Mirror } from './mirror.js';
import { planPart } from './plan-part.js';
import { branchOf, missingBranch, planParts } from './plan-parts.js';
import { propose } from './propose.js';
import type { AnswerTo, Job } from './protocol.js';
import { pushParts } from './push.js';
import { PushConnections } from './push-connections.js';
import { relate, relateTip } from './relation.js';

type Answer = AnswerTo<Job['op']>;
type JobOf<Op extends Job['op']> = Extract<Job, { op: Op }>;

/** The least time between the starts of two fetches for questions: questions in between share the next fetch. */
const fetchGapMs = 500;

/** An inspection uses the last fetch if it started no longer ago than this. */
const freshMs = 3_000;

/** A mirror is thrown away no more often than this: a fault that comes back at once is not the mirror's. */
const discardGapMs = 60_000;

/** After so many commits the mirror is opened again, which bounds its files. */
const maxCommits = 1_000;

/** Carries out the jobs for the mirror in one directory. */
export class JobHandler {
  readonly #mirror: Mirror;
  readonly #connections: PushConnections;
  readonly #elsewhere: Elsewhere;
  /** The fetches for questions that have not started yet, by branch. */
  readonly #pendingFetches = new Map<string, Promise<unknown>>();
  #running = 0;
  /** How many commits were made since the mirror was opened, or a few more. */
  #commits = 0;
  #lastDiscard = Number.NEGATIVE_INFINITY;

  constructor(directory: string) {
    this.#mirror = new Mirror(directory);
    this.#connections = new PushConnections(this.#mirror);
    this.#elsewhere = new Elsewhere(this.#mirror);
  }

  async handle(job: Job, progress: Progress): Promise<Answer> {
    this.#running++;
    try {
      return await this.#handle(job, progress);
    } finally {
      this.#running--;
      if (job.op === 'propose') this.#commits++;
      if (job.op === 'plan' || job.op === 'push') this.#commits += job.parts.length;
      // Between two jobs: nobody uses the objects that this deletes.
      if (this.#running === 0 && this.#commits >= maxCommits) this.#reopen();
    }
  }

  #reopen(): void {
    this.#commits = 0;
    this.#connections.forget();
    this.#mirror.close();
  }

  async #handle(job: Job, progress: Progress): Promise<Answer> {
    try {
      return await this.#carryOut(job, progress);
    } catch (error) {
      if (!isMirrorFault(error) || performance.now() - this.#lastDiscard < discardGapMs) throw error;
      // The mirror is only a cache: start with an empty one.
      this.#lastDiscard = performance.now();
      progress.note?.(`${fetchedAgain}: ${(error as Error).message}`);
      this.#connections.forget();
      await this.#mirror.discard();
      return this.#carryOut(job, progress);
    }
  }

  #carryOut(job: Job, progress: Progress): Promise<Answer> {
    switch (job.op) {
      case 'plan':
        return this.#located(job, progress).then((at) => planParts(this.#mirror, this.#connections, at, progress));
      case 'inspect':
        return this.#inspect(job, progress);
      case 'push':
        return this.#located(job, progress).then((at) => pushParts(this.#mirror, this.#connections, at, progress));
      case 'look':
        return this.#locatedPart(job, progress).then((at) => look(this.#mirror, at, progress));
      case 'propose':
        return this.#locatedPart(job, progress).then((at) => propose(this.#mirror, this.#connections, at, progress));
      case 'drop':
        return drop(this.#mirror, this.#connections, job, progress);
      case 'lookUp':
        return this.#lookUp(job);
      case 'relation':
        return job.question.revision === undefined ? this.#relateTip(job, progress) : this.#relate(job, progress);
      default:
        // Never the value itself: it carries credentials.
        job satisfies never;
        throw new TypeError('an unknown kind of job');
    }
  }

  async #located<J extends JobOf<'plan' | 'push'>>(job: J, progress: Progress): Promise<J> {
    const { elsewhere = [] } = job;
    if (elsewhere.length === 0) return job;
    return { ...job, parts: await this.#elsewhere.locatedIn(job.parts, elsewhere, progress) };
  }

  async #locatedPart<J extends JobOf<'look' | 'propose'>>(job: J, progress: Progress): Promise<J> {
    const { part: wanted, elsewhere = [] } = job;
    if (elsewhere.length === 0) return job;
    const [part = wanted] = await this.#elsewhere.locatedIn([wanted], elsewhere, progress);
    return { ...job, part };
  }

  async #inspect({ part: wanted, remote, elsewhere = [] }: JobOf<'inspect'>, progress: Progress): Promise<Plan> {
    const [part = wanted] = await this.#elsewhere.locatedIn([wanted], elsewhere, progress);
    const branch = await this.#mirror.recent(remote, branchOf(part), freshMs, progress);
    if (branch === undefined || branch === 'tag') return missingBranch(remote, part, branch);
    return this.#mirror.with((repository) => planPart(repository, part, branch, progress));
  }

  async #lookUp({ question }: JobOf<'lookUp'>): Promise<AnswerTo<'lookUp'>> {
    const { revision } = question;
    if (revision === undefined) return null;
    return (await this.#mirror.with((repository) => relate(repository, { ...question, revision }))) ?? null;
  }

  async #relate(job: JobOf<'relation'>, progress: Progress): Promise<Answer> {
    const known = await this.#lookUp({ ...job, op: 'lookUp' });
    if (known) return known;
    await this.#fetchForQuestion(job, progress);
    return (await this.#lookUp({ ...job, op: 'lookUp' })) ?? { relation: 'unknown', message: missingCommit(job) };
  }

  /** Answers a question about the branch as it is now, so it always fetches first. */
  async #relateTip(job: JobOf<'relation'>, progress: Progress): Promise<Answer> {
    await this.#fetchForQuestion(job, progress);
    const revision = this.#mirror.tip(job.question.branch ?? '');
    if (revision === undefined) return { relation: 'unknown', message: `${job.question.branch} does not exist` };
    const question = { ...job.question, revision };
    const answer = await this.#mirror.with((repository) => relateTip(repository, question, progress));
    return answer ? { ...answer, revision } : { relation: 'unknown', revision, message: missingCommit(job) };
  }

  /** All questions that arrive before a fetch starts share it. */
  #fetchForQuestion({ remote, question: { branch } }: JobOf<'relation'>, progress: Progress): Promise<unknown> {
    const key = branch ?? '';
    const pending = this.#pendingFetches.get(key);
    if (pending) return pending;
    const fetched = pause(Math.max(0, fetchGapMs - this.#mirror.sinceFetch(branch))).then(() => {
      this.#pendingFetches.delete(key);
      return this.#mirror.fetch(remote, branch, progress);
    });
    this.#pendingFetches.set(key, fetched);
    return fetched;
  }
}

function missingCommit({ question }: JobOf<'relation'>): string {
  const branch = question.branch ?? 'the default branch';
  return `${branch} does not contain both ${question.commit} and ${question.revision ?? 'its tip'}`;
}
