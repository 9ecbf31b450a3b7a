import { type Bus, done, type Outcome } from '@k8sta/bus';
import { type DataOf, partTokens, proposalBranch } from '@k8sta/contracts';
import type { Forge, Proposal } from '../forge/forge.js';
import type { Git, RepositoryAt } from '../git/git.js';
import type { Look as BothBranches, Started } from '../part.js';
import type { PartEvents } from '../promotion/part-events.js';
import type { Facts } from './facts.js';

export interface LookContext {
  readonly bus: Pick<Bus, 'last' | 'since'>;
  readonly git: Pick<Git, 'look'>;
}

/** Full ref names. */
export interface Branches {
  readonly branch: string;
  readonly head: string;
}

/** What a look finds. */
export interface Found extends Pick<Facts, 'look' | 'proposal' | 'isOfEarlierIssue' | 'isPublished' | 'isStarted'> {
  readonly branches: Branches;
}

type Proposed = DataOf<'promotion.proposed'>;

/** Looks at the bus, at the forge and at Git, in this order: what the forge merged is in Git by then. */
export class Look {
  readonly #events: PartEvents;
  readonly #repository: RepositoryAt;
  readonly #forge: Forge;
  readonly #context: LookContext;
  /** The number of the pull request, once it is known. */
  #number: number | undefined;
  #started: Started | undefined;

  constructor(events: PartEvents, repository: RepositoryAt, forge: Forge, context: LookContext) {
    this.#events = events;
    this.#repository = repository;
    this.#forge = forge;
    this.#context = context;
  }

  /** What `promotion.started` says, as of the last look. */
  get started(): Started | undefined {
    return this.#started;
  }

  /** A pull request was opened: a list of the forge may not have it yet. */
  opened({ number }: Proposal): void {
    this.#number = number;
  }

  async take(): Promise<Found | { readonly outcome: Outcome }> {
    const { request } = this.#events;
    const proposed = (await this.#context.bus.last('promotion.proposed', partTokens(request)))?.data;
    // A later issue of the request has taken over: its message is delivered, too.
    if (proposed && proposed.request.issue > request.issue) return { outcome: done };
    this.#started ??= await this.#events.readStarted();
    const head = headOf(this.#events);
    const early = await this.#lookForDefaultBranch(head);
    const branch = this.#started?.branch ?? request.branch ?? early?.branch?.name;
    if (branch === undefined) {
      const plan = early?.plan;
      if (plan?.is !== 'refused') throw new Error('a look at the default branch has no branch');
      return { outcome: await this.#events.answer(plan) };
    }
    const branches = { branch, head };
    let proposal = await this.#find(proposed, branches);
    let look = early && proposal?.state !== 'merged' ? early : await this.#lookAt(head, proposal);
    const isThere = look.plan.is === 'landed' || look.plan.is === 'nothing';
    if (isThere && proposal?.state !== 'merged') {
      // It may have been merged between the two looks. Then the forge knows by which commit.
      proposal = await this.#find(proposed, branches);
      if (proposal?.state === 'merged') look = await this.#lookAt(head, proposal);
    }
    return {
      branches,
      look,
      proposal,
      isStarted: this.#started !== undefined,
      isPublished: proposed?.number === proposal?.number && proposed?.request.issue === request.issue,
      isOfEarlierIssue: await this.#isOfEarlierIssue(proposal, proposed),
    };
  }

  /** Only the remote knows its default branch. */
  async #lookForDefaultBranch(head: string): Promise<BothBranches | undefined> {
    const isNamed = (this.#started?.branch ?? this.#events.request.branch) !== undefined;
    return isNamed ? undefined : this.#lookAt(head, undefined);
  }

  #lookAt(head: string, proposal: Proposal | undefined): Promise<BothBranches> {
    const part = this.#events.part(this.#started);
    const merged = proposal?.state === 'merged' ? { commit: proposal.merged?.commit } : undefined;
    return this.#context.git.look(this.#repository, part, head, merged);
  }

  async #find(proposed: Proposed | undefined, { branch, head }: Branches): Promise<Proposal | undefined> {
    const number = this.#number ?? proposed?.number;
    const known = number === undefined ? undefined : await this.#forge.get(number);
    const isOurs = known?.head === short(head) && known.base === short(branch);
    if (known && isOurs && (known.state !== 'closed' || this.#number !== undefined)) return known;
    // A closed one may have been followed by another, whose event was not published.
    const found = await this.#forge.find(short(head), short(branch));
    this.#number = found?.number;
    return found;
  }

  /** Whether it was closed for an earlier issue of the request: a promotion that is paused and resumed has several. */
  async #isOfEarlierIssue(proposal: Proposal | undefined, proposed: Proposed | undefined): Promise<boolean> {
    const { promotion, part, issue, track, station } = this.#events.request;
    if (proposal?.state !== 'closed' || issue === 0) return false;
    const started = await this.#context.bus.last('promotion.started', partTokens(this.#events.request));
    const answers = await this.#context.bus.since('promotion.failed', { track, station }, started?.time ?? new Date(0));
    const issues = answers
      .filter(({ data }) => data.promotion === promotion && data.part === part)
      .map(({ data }) => data.issue ?? 0)
      .filter((each) => each < issue);
    if (issues.length === 0) return false;
    const isOfLater = proposed?.number === proposal.number && proposed.request.issue > Math.max(...issues);
    return !isOfLater;
  }
}

/** The full name of the branch of the part's pull request. */
function headOf({ request: { track, station, ticket, promotion, part } }: PartEvents): string {
  const attempt = Number(promotion.split('/')[2]);
  return `refs/heads/${proposalBranch({ track, station, ticket, attempt, part })}`;
}

/** Without `refs/heads/`, as forges name branches. */
export function short(ref: string): string {
  return ref.replace(/^refs\/heads\//, '');
}
