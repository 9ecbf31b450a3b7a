import { type Bus, done, type Log, later, type Outcome } from '@k8sta/bus';
import {
  type DataOf,
  eventId,
  type PromotedApplication,
  partId,
  partTokens,
  promotionWanted,
  type Tracing,
  withoutCredentials,
} from '@k8sta/contracts';
import { unreachable } from '@k8sta/text';
import type { Git } from '../git/git.js';
import type { Metrics } from '../metrics.js';
import { type Part, type Plan, type Ready, type Refusal, refuse, type Started } from '../part.js';
import type { Landing, WriteStrategy } from '../write/write.js';

export type Request = DataOf<'promotion.requested'>;

/** How long the tracker may take to answer whether it still wants a part. */
const wantedTimeoutMs = 2_000;

/** What a part needs from the service. */
export interface PromotionContext {
  readonly bus: Pick<Bus, 'publish' | 'last' | 'ask'>;
  readonly git: Pick<Git, 'plan'>;
  readonly write: WriteStrategy;
  readonly metrics: Pick<Metrics, 'ended'>;
  readonly log: Log;
  readonly now: () => Date;
  /** Default: nothing is traced. */
  readonly tracing?: Tracing | undefined;
}

/** A request as the bus delivered it, with its trace. */
export interface Requested {
  readonly data: Request;
  readonly traceparent?: string;
}

/** One requested part, until it is answered or handed back to the bus. */
export class RequestedPart {
  readonly #request: Request;
  /** Of the part: its promotion and its index. */
  readonly id: string;
  /** The trace that its answer belongs to. */
  readonly traceparent: string | undefined;
  readonly #head: Pick<Request, 'promotion' | 'part' | 'ticket' | 'track' | 'station'>;
  readonly #context: PromotionContext;
  readonly #receivedAt: number;
  /** Told why the part takes long. */
  readonly onNote: (note: string) => void;
  /** Resolves when the part is answered, or has to be delivered again. */
  readonly outcome: Promise<Outcome>;
  /** The plan, if there is something to commit. */
  plan: Ready | undefined;
  #started: Started | undefined;
  #isAnswered = false;
  #resolve: (outcome: Outcome) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor({ data: request, traceparent }: Requested, context: PromotionContext, onNote: (note: string) => void) {
    const { promotion, part, ticket, track, station } = request;
    this.#request = request;
    this.#head = { promotion, part, ticket, track, station };
    this.id = partId(promotion, part);
    this.traceparent = traceparent;
    this.#context = context;
    this.onNote = onNote;
    this.#receivedAt = performance.now();
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  get station(): string {
    return this.#head.station;
  }

  /** The branch of the part; undefined for the remote's default branch. */
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

  /** Shortens a delay so that it does not pass the part's deadline. */
  untilDeadline(delayMs: number): number {
    const leftMs = Date.parse(this.#request.notAfter) - this.#context.now().getTime();
    return leftMs > 0 ? Math.min(delayMs, leftMs + 1) : delayMs;
  }

  /**
   * Answers a part after its deadline if that is possible without Git: nothing was pushed, because `promotion.started`
   * comes before every push. Once a part has started, only the branch can tell; the promoter tries to read it for as
   * long again as the part had at first.
   */
  async giveUp(lastFailure: string | undefined): Promise<Outcome | undefined> {
    const { requestedAt, notAfter } = this.#request;
    const now = this.#context.now().getTime();
    const end = Date.parse(notAfter);
    this.#started ??= await this.#readStarted();
    if (now <= end) return undefined;
    const message = `it was not committed before ${notAfter}`;
    const because = lastFailure === undefined ? '' : `; the last failure: ${lastFailure}`;
    if (!this.#started) return this.fail(refuse('Withdrawn', `${message}${because}`));
    if (lastFailure === undefined || now <= end + (end - Date.parse(requestedAt))) return undefined;
    const doubt = 'a push was started, and the promoter could not see whether it succeeded';
    return this.fail(refuse('Withdrawn', `${message}; ${doubt}${because}`));
  }

  /** The outcome of a try to write it; undefined if it has to be tried again at once. */
  async written(landing: Landing): Promise<Outcome | undefined> {
    switch (landing.is) {
      case 'retry':
        this.#log('commit not accepted, retrying', { why: landing.why, attempt: landing.attempt });
        return undefined;
      case 'postponed':
        return later(this.untilDeadline(landing.delayMs), landing.message);
      default:
        return this.answer(landing);
    }
  }

  /** Publishes `promotion.failed`, which ends the part. */
  async fail({ reason, message, commit, author }: Refusal): Promise<Outcome> {
    await this.#context.bus.publish({
      type: 'promotion.failed',
      id: eventId('promotion.failed', this.id, this.#request.issue),
      ticketId: this.#request.ticket,
      traceparent: this.traceparent,
      data: {
        ...this.#head,
        issue: this.#request.issue,
        reason,
        message,
        ...(commit !== undefined && { commit }),
        ...(author !== undefined && { author }),
        failedAt: this.#context.now().toISOString(),
      },
    });
    this.#end(reason, { message });
    return done;
  }

  /** Answers a part that needs no push, or no push any more. */
  async answer(plan: Exclude<Plan, { is: 'ready' }>): Promise<Outcome> {
    switch (plan.is) {
      case 'refused':
        return this.fail(plan);
      case 'nothing':
        return this.#commit(plan.branch, plan.tip, undefined, plan.applications);
      case 'landed':
        return this.#commit(plan.branch, plan.commit, plan.commit, plan.applications);
      default:
        return unreachable('plan', plan);
    }
  }

  async #commit(
    branch: string,
    revision: string,
    commit: string | undefined,
    applications: PromotedApplication[],
  ): Promise<Outcome> {
    const repository = withoutCredentials(this.#request.repository);
    await this.#context.bus.publish({
      type: 'promotion.committed',
      id: eventId('promotion.committed', this.id, this.#request.issue),
      ticketId: this.#request.ticket,
      traceparent: this.traceparent,
      data: {
        ...this.#head,
        ...{ repository, branch, revision, applications },
        ...(commit !== undefined && { commit }),
        committedAt: this.#context.now().toISOString(),
      },
    });
    this.#end(commit === undefined ? 'unchanged' : 'committed', { repository, branch, revision });
    return done;
  }

  /** Why the part must not be pushed now: its answer, or a delay. Undefined if it may be pushed. */
  async whyNotPush(): Promise<Outcome | undefined> {
    const { bus, now } = this.#context;
    const { track, ticket, promotion, part, notAfter } = this.#request;
    if (now().getTime() > Date.parse(notAfter)) {
      return this.fail(refuse('Withdrawn', `it was not committed before ${notAfter}`));
    }
    const answer = await bus.ask(
      promotionWanted,
      { track, ticket, promotion, part },
      wantedTimeoutMs,
      this.traceparent,
    );
    if (!answer)
      return later(this.untilDeadline(1_000), 'the tracker did not answer whether it still wants this promotion');
    if (answer.wanted) return undefined;
    return this.fail(refuse('Withdrawn', answer.message ?? 'the tracker does not want this promotion any more'));
  }

  /** Publishes the branch and its tip before the first push of the part, once. */
  async publishStarted({ branch, tip, replaces }: Ready): Promise<undefined> {
    if (this.#started) return;
    const started = { branch, base: tip, replaces };
    const { duplicate } = await this.#context.bus.publish({
      type: 'promotion.started',
      id: eventId('promotion.started', this.id),
      ticketId: this.#request.ticket,
      traceparent: this.traceparent,
      data: { ...this.#head, repository: withoutCredentials(this.#request.repository), ...started },
    });
    // Another replica published it first, perhaps with an earlier base. The first one applies.
    this.#started = (duplicate ? await this.#readStarted() : undefined) ?? started;
  }

  async #readStarted(): Promise<Started | undefined> {
    const first = (await this.#context.bus.last('promotion.started', partTokens(this.#request)))?.data;
    return first && { branch: first.branch, base: first.base, replaces: first.replaces };
  }

  /** What Git needs to know about it. */
  part(): Part {
    const { kind, branch, applications, protectedSources, ticket, track, station, requestedAt } = this.#request;
    return {
      ...(kind !== undefined && { kind }),
      ...{ id: this.id, ticket, track, station, applications, protectedSources, requestedAt },
      ...(branch !== undefined && { branch }),
      ...(this.#started && { started: this.#started }),
    };
  }

  #end(ending: Parameters<PromotionContext['metrics']['ended']>[0], fields: object): void {
    this.#context.metrics.ended(ending, (performance.now() - this.#receivedAt) / 1000);
    this.#log('promotion part ended', { outcome: ending, ...fields });
  }

  #log(message: string, fields: object): void {
    this.#context.log.info({ ticketid: this.#request.ticket, promotion: this.id, ...fields }, message);
  }
}
