import { type Bus, done, type Log, later, type Outcome } from '@k8sta/bus';
import {
  type DataOf,
  eventId,
  type PromotedApplication,
  partId,
  promotionWanted,
  withoutCredentials,
} from '@k8sta/contracts';
import type { Git } from '../git/git.js';
import type { Metrics } from '../metrics.js';
import { type Part, type Plan, type Pushed, type Ready, type Refusal, refuse, type Started } from '../part.js';

export type Request = DataOf<'promotion.requested'>;

/** How long the tracker may take to say whether a part is still wanted. */
const wantedTimeoutMs = 2_000;

/** `started` is stored by another clock than the one that wrote `requestedAt`. */
const skewMs = 10 * 60 * 1000;

/** What a part needs around it. */
export interface Surroundings {
  readonly bus: Pick<Bus, 'publish' | 'since' | 'ask'>;
  readonly git: Git;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly now: () => Date;
  /** From 0 to 1, so that replicas which lost a race to each other do not meet again. */
  readonly random: () => number;
}

/** One requested part on its way to its one commit. */
export class RequestedPart {
  readonly #request: Request;
  readonly #id: string;
  readonly #head: Pick<Request, 'promotion' | 'part' | 'ticket' | 'track' | 'station'>;
  readonly #around: Surroundings;
  readonly #begunAt: number;
  /** Resolves when the part is answered, or is to come again. */
  readonly outcome: Promise<Outcome>;
  /** What is to be done, once it is known that there is something. */
  plan: Ready | undefined;
  /** How many pushes of it lost a race since it was taken up. */
  lostPushes = 0;
  /** Whether it is pushed without others, because the server refused a push that it was in. */
  isAlone = false;
  #started: Started | undefined;
  #isAnswered = false;
  #resolve: (outcome: Outcome) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(request: Request, around: Surroundings) {
    const { promotion, part, ticket, track, station } = request;
    this.#request = request;
    this.#head = { promotion, part, ticket, track, station };
    this.#id = partId(promotion, part);
    this.#around = around;
    this.#begunAt = performance.now();
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** The branch that it belongs to; undefined for the remote's default branch. */
  get branch(): string | undefined {
    return this.#started?.branch ?? this.#request.branch;
  }

  settle(outcome: Outcome): void {
    this.#isAnswered = true;
    this.#resolve(outcome);
  }

  reject(error: Error): void {
    this.#isAnswered = true;
    this.#reject(error);
  }

  /** A delay that does not go beyond the moment at which the part has to be given up. */
  untilDeadline(delayMs: number): number {
    const leftMs = Date.parse(this.#request.notAfter) - this.#around.now().getTime();
    return leftMs > 0 ? Math.min(delayMs, leftMs + 1) : delayMs;
  }

  /**
   * Answers a part whose time is over, where that can be said without Git: nothing was pushed, because `started` would
   * have been said before. After a beginning the branch is looked at, for as long again as there was time at first.
   */
  async giveUp(lastFailure: string | undefined): Promise<Outcome | undefined> {
    const { requestedAt, notAfter } = this.#request;
    const now = this.#around.now().getTime();
    const end = Date.parse(notAfter);
    this.#started ??= await this.#readStarted();
    if (now <= end) return undefined;
    const because = lastFailure === undefined ? '' : `; the last failure: ${lastFailure}`;
    if (!this.#started) return this.fail(refuse('Withdrawn', `it could not be committed until ${notAfter}${because}`));
    if (lastFailure === undefined || now <= end + (end - Date.parse(requestedAt))) return undefined;
    const doubt = 'a push had begun, and whether it arrived could not be seen since';
    return this.fail(refuse('Withdrawn', `it could not be committed until ${notAfter}; ${doubt}${because}`));
  }

  /** What its push led to; undefined when it has to be pushed again. */
  async pushed(pushed: Pushed, maxPushes: number): Promise<Outcome | undefined> {
    switch (pushed.is) {
      case 'pushed': {
        const { commit, applications } = pushed;
        return this.#commit(this.plan?.branch ?? '', commit, commit, applications);
      }
      case 'mixed':
        this.isAlone = true;
        return undefined;
      case 'lost':
        this.lostPushes++;
        this.#log('the push lost a race', { why: pushed.why, attempt: this.lostPushes });
        if (this.lostPushes < maxPushes) return undefined;
        return later(this.untilDeadline(250 + this.#around.random() * 500), `${maxPushes} pushes in a row lost a race`);
      default:
        return this.answer(pushed);
    }
  }

  /** Publishes `promotion.failed`: this part is over. */
  async fail({ reason, message, commit, author }: Refusal): Promise<Outcome> {
    await this.#around.bus.publish({
      type: 'promotion.failed',
      id: eventId('promotion.failed', this.#id, this.#request.issue),
      ticketId: this.#request.ticket,
      data: {
        ...this.#head,
        reason,
        message,
        ...(commit !== undefined && { commit }),
        ...(author !== undefined && { author }),
        failedAt: this.#around.now().toISOString(),
      },
    });
    this.#end(reason, { message });
    return done;
  }

  /** Answers a part for which there is nothing to push. */
  async answer(plan: Exclude<Plan, { is: 'ready' }>): Promise<Outcome> {
    switch (plan.is) {
      case 'refused':
        return this.fail(plan);
      case 'nothing':
        return this.#commit(plan.branch, plan.tip, undefined, plan.applications);
      case 'landed':
        return this.#commit(plan.branch, plan.commit, plan.commit, plan.applications);
      default:
        throw new TypeError(`no such plan: ${JSON.stringify(plan satisfies never)}`);
    }
  }

  async #commit(
    branch: string,
    revision: string,
    commit: string | undefined,
    applications: PromotedApplication[],
  ): Promise<Outcome> {
    const repository = withoutCredentials(this.#request.repository);
    await this.#around.bus.publish({
      type: 'promotion.committed',
      id: eventId('promotion.committed', this.#id, this.#request.issue),
      ticketId: this.#request.ticket,
      data: {
        ...this.#head,
        ...{ repository, branch, revision, applications },
        ...(commit !== undefined && { commit }),
        committedAt: this.#around.now().toISOString(),
      },
    });
    this.#end(commit === undefined ? 'unchanged' : 'committed', { repository, branch, revision });
    return done;
  }

  /** The answer or the delay that keeps us from pushing now. */
  async whyNotPush(): Promise<Outcome | undefined> {
    const { bus, now } = this.#around;
    const { track, ticket, promotion, part, notAfter } = this.#request;
    if (now().getTime() > Date.parse(notAfter)) {
      return this.fail(refuse('Withdrawn', `it could not be committed until ${notAfter}`));
    }
    const answer = await bus.ask(promotionWanted, { track, ticket, promotion, part }, wantedTimeoutMs);
    if (!answer) return later(this.untilDeadline(1_000), 'the tracker does not say whether it is still wanted');
    if (answer.wanted) return undefined;
    return this.fail(refuse('Withdrawn', answer.message ?? 'it is not wanted any more'));
  }

  /** Says where the branch stands before anything is pushed, once in the life of the part. */
  async sayStarted({ branch, tip, replaces }: Ready): Promise<undefined> {
    if (this.#started) return;
    const started = { branch, base: tip, replaces };
    const { duplicate } = await this.#around.bus.publish({
      type: 'promotion.started',
      id: eventId('promotion.started', this.#id),
      ticketId: this.#request.ticket,
      data: { ...this.#head, repository: withoutCredentials(this.#request.repository), ...started },
    });
    // Another replica said it first, perhaps with an earlier base; that one counts.
    this.#started = (duplicate ? await this.#readStarted() : undefined) ?? started;
  }

  async #readStarted(): Promise<Started | undefined> {
    const { track, station, promotion, part, requestedAt } = this.#request;
    const start = new Date(Date.parse(requestedAt) - skewMs);
    const begun = await this.#around.bus.since('promotion.started', { track, station }, start);
    const first = begun.find(({ data }) => data.promotion === promotion && data.part === part)?.data;
    return first && { branch: first.branch, base: first.base, replaces: first.replaces };
  }

  /** As much of it as Git has to know. */
  part(): Part {
    const { branch, applications, protectedSources, ticket, track, station, requestedAt } = this.#request;
    return {
      ...{ id: this.#id, ticket, track, station, applications, protectedSources, requestedAt },
      ...(branch !== undefined && { branch }),
      ...(this.#started && { started: this.#started }),
    };
  }

  #end(ending: Parameters<Surroundings['metrics']['ended']>[0], fields: object): void {
    this.#around.metrics.ended(ending, (performance.now() - this.#begunAt) / 1000);
    this.#log(`the part ended: ${ending}`, fields);
  }

  #log(message: string, fields: object): void {
    this.#around.log.info({ ticketid: this.#request.ticket, promotion: this.#id, ...fields }, message);
  }
}
