import { later, type Outcome } from '@k8sta/bus';
import { unreachable } from '@k8sta/text';
import type { MessageStyle } from '../commit-message.js';
import type { Forge, Proposal } from '../forge/forge.js';
import type { Git, RepositoryAt } from '../git/git.js';
import type { Ready } from '../part.js';
import type { MergedBy, PartEvents } from '../promotion/part-events.js';
import type { Action, Facts } from './facts.js';
import { type Branches, type Found, Look, type LookContext, short } from './look.js';
import { plain } from './markdown.js';
import { next } from './next.js';
import { mergeText, proposalText } from './text.js';

export interface ReconcileContext extends LookContext {
  readonly git: Pick<Git, 'look' | 'propose' | 'drop'>;
  /** The templates of commit messages. */
  readonly message?: MessageStyle | undefined;
  readonly now: () => Date;
}

/** Others may move the branches while we look. After so many steps the request is handed back to the bus. */
const maxSteps = 24;

/** The outcome of the next steps. `isSoon`: something is about to change by itself. */
export type Reconciled = Outcome & { readonly isSoon?: boolean };

/** Takes one pull request as far as it gets now: looks, does the next step, and looks again. */
export class Reconcile {
  readonly #events: PartEvents;
  readonly #repository: RepositoryAt;
  readonly #forge: Forge;
  readonly #context: ReconcileContext;
  readonly #look: Look;
  #wanted: Facts['wanted'];
  #checks: Facts['checks'];
  #isDropRefused = false;
  /** What the forge refused of a pull request that was just opened. */
  #notes: readonly string[] = [];

  constructor(events: PartEvents, repository: RepositoryAt, forge: Forge, context: ReconcileContext) {
    this.#events = events;
    this.#repository = repository;
    this.#forge = forge;
    this.#context = context;
    this.#look = new Look(events, repository, forge, context);
  }

  async run(): Promise<Reconciled> {
    for (let step = 1; step <= maxSteps; step++) {
      const found = await this.#look.take();
      if ('outcome' in found) return found.outcome;
      const action = next(this.#factsOf(found));
      const outcome = await this.#carryOut(action, found);
      if (outcome) return outcome;
    }
    return soon('the branches of the pull request keep moving');
  }

  #factsOf(found: Found): Facts {
    const { write, notAfter } = this.#events.request;
    return {
      ...found,
      wish: write?.pullRequest ?? { merge: 'byPeople' },
      notAfter: new Date(notAfter),
      now: this.#context.now(),
      isDropRefused: this.#isDropRefused,
      wanted: this.#wanted,
      checks: this.#checks,
    };
  }

  /** Undefined if the promoter has to look again. */
  async #carryOut(action: Action, { branches, look, proposal }: Found): Promise<Reconciled | undefined> {
    switch (action.do) {
      case 'askTracker':
        this.#wanted = await this.#events.wanted();
        return this.#wanted ? undefined : soon('the tracker did not answer whether it still wants this promotion');
      case 'askForChecks':
        this.#checks = await this.#forge.checksOf(action.commit);
        return undefined;
      case 'start':
        await this.#events.started({ ...action.plan, base: action.plan.tip });
        return undefined;
      case 'push':
        return this.#push(action, branches, proposal);
      case 'open':
        return this.#open(action.plan, branches);
      case 'publish':
        return this.#publish(action.proposal, branches, look.head.is === 'none' ? undefined : look.head.commit);
      case 'merge':
        return this.#merge(action.proposal, action.plan);
      case 'close':
        return this.#close(action.number, action.because);
      case 'drop':
        return this.#drop(branches.head, action.commit);
      case 'answer':
        return this.#events.answer(action.answer, this.#mergedBy(proposal));
      case 'wait':
        return this.#wait(action);
      default:
        return unreachable('action', action);
    }
  }

  async #push(
    { branch, replaces }: Extract<Action, { do: 'push' }>,
    { head }: Branches,
    proposal: Proposal | undefined,
  ): Promise<Reconciled | undefined> {
    const part = this.#events.part(this.#look.started);
    const pushed = await this.#context.git.propose(this.#repository, part, { branch, head }, replaces);
    // A push takes time: the tracker is asked again before the next step.
    this.#wanted = undefined;
    this.#checks = undefined;
    if (pushed.is !== 'refused') return undefined;
    if (proposal?.state !== 'open') return this.#events.answer(pushed);
    // The next look finds the same refusal, except that of the server, which leaves the pull request as it is.
    if (pushed.reason !== 'RefRefused') return undefined;
    return later(0, `pull request #${proposal.number} has to be updated, and the server refuses it: ${pushed.message}`);
  }

  async #open(plan: Ready, { branch, head }: Branches): Promise<undefined> {
    const { request } = this.#events;
    const { labels = [], reviewers = [], draft = false } = request.write?.pullRequest ?? {};
    const part = this.#events.part(this.#look.started);
    const { title, body, notes } = proposalText(request, part, plan.applications, this.#context.message);
    const wish = { title, body, labels, reviewers, isDraft: draft };
    const opened = await this.#forge.open({ head: short(head), base: short(branch), ...wish });
    this.#notes = [...notes, ...opened.notes];
    this.#look.opened(opened.proposal);
    this.#wanted = undefined;
  }

  async #publish(proposal: Proposal, branches: Branches, commit = proposal.commit): Promise<undefined> {
    const { number, url } = proposal;
    await this.#events.proposed({ ...branches, commit, provider: this.#forge.provider, number, url });
  }

  async #merge({ number, commit }: Proposal, plan: Ready): Promise<Reconciled | undefined> {
    const { method = 'merge' } = this.#events.request.write?.pullRequest ?? {};
    const part = this.#events.part(this.#look.started);
    const { title, message } = mergeText(part, plan.applications, number, this.#context.message);
    const merged = await this.#forge.merge({ number, commit, method, title, message });
    this.#events.log('pull request merged', { number, commit, outcome: merged.is });
    if (merged.is === 'merged') return undefined;
    return later(0, `pull request #${number} waits for its merge, which the forge refuses now: ${merged.why}`);
  }

  async #close(number: number, because: string): Promise<undefined> {
    await this.#forge.close(number, `K8sTA closes this: ${plain(because)}`);
    this.#events.log('pull request closed', { number, message: because });
  }

  async #drop(head: string, commit: string): Promise<undefined> {
    const dropped = await this.#context.git.drop(this.#repository, head, commit);
    // A branch that stays is untidy, and no reason to keep the Ticket.
    this.#isDropRefused = dropped.is === 'refused';
    if (dropped.is === 'refused') this.#events.log('branch not deleted', { branch: head, message: dropped.why });
  }

  #mergedBy(proposal: Proposal | undefined): MergedBy {
    if (proposal?.state !== 'merged') return {};
    const { number, url, merged: { by } = {} } = proposal;
    return { proposal: { provider: this.#forge.provider, number, url }, ...(by && { mergedBy: by.slice(0, 200) }) };
  }

  #wait({ message, soon: isSoon = false }: Extract<Action, { do: 'wait' }>): Reconciled {
    const all = [message, ...this.#notes].join('; ');
    return isSoon ? soon(all) : later(0, all);
  }
}

/** The forge or the branches answer in a way that the next look will see differently. */
function soon(because: string): Reconciled {
  return { ...later(0, because), isSoon: true };
}
