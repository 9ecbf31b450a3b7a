import { later, type Outcome } from '@k8sta/bus';
import type { Tracing } from '@k8sta/contracts';
import type { Git } from '../git/git.js';
import { type Part, type Plan, type Ready, type Refusal, refuse, type Started } from '../part.js';
import type { BranchWriter, Landing } from '../write/write.js';
import { type PartContext, PartEvents, type Requested } from './part-events.js';

/** What a part needs from the service. */
export interface PromotionContext extends PartContext {
  readonly git: Pick<Git, 'plan'>;
  readonly write: BranchWriter;
  /** Default: nothing is traced. */
  readonly tracing?: Tracing | undefined;
}

/** One requested part, until it is answered or handed back to the bus. */
export class RequestedPart {
  readonly #events: PartEvents;
  readonly #context: PartContext;
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

  constructor(requested: Requested, context: PartContext, onNote: (note: string) => void) {
    this.#events = new PartEvents(requested, context);
    this.#context = context;
    this.onNote = onNote;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get id(): string {
    return this.#events.id;
  }

  get traceparent(): string | undefined {
    return this.#events.traceparent;
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  get station(): string {
    return this.#events.request.station;
  }

  /** The branch of the part; undefined for the remote's default branch. */
  get branch(): string | undefined {
    return this.#started?.branch ?? this.#events.request.branch;
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
    const leftMs = Date.parse(this.#events.request.notAfter) - this.#context.now().getTime();
    return leftMs > 0 ? Math.min(delayMs, leftMs + 1) : delayMs;
  }

  /**
   * Answers a part after its deadline if that is possible without Git: nothing was pushed, because `promotion.started`
   * comes before every push. Once a part has started, only the branch can tell; the promoter tries to read it for as
   * long again as the part had at first.
   */
  async giveUp(lastFailure: string | undefined): Promise<Outcome | undefined> {
    const { requestedAt, notAfter } = this.#events.request;
    const now = this.#context.now().getTime();
    const end = Date.parse(notAfter);
    this.#started ??= await this.#events.readStarted();
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
        this.#events.log('commit not accepted, retrying', { why: landing.why, attempt: landing.attempt });
        return undefined;
      case 'postponed':
        return later(this.untilDeadline(landing.delayMs), landing.message);
      default:
        return this.answer(landing);
    }
  }

  /** Publishes `promotion.failed`, which ends the part. */
  fail(refusal: Refusal): Promise<Outcome> {
    return this.#events.fail(refusal);
  }

  /** Answers a part that needs no push, or no push any more. */
  answer(plan: Exclude<Plan, { is: 'ready' }>): Promise<Outcome> {
    return this.#events.answer(plan);
  }

  /** Why the part must not be pushed now: its answer, or a delay. Undefined if it may be pushed. */
  async whyNotPush(): Promise<Outcome | undefined> {
    const { notAfter } = this.#events.request;
    if (this.#context.now().getTime() > Date.parse(notAfter)) {
      return this.fail(refuse('Withdrawn', `it was not committed before ${notAfter}`));
    }
    const answer = await this.#events.wanted();
    if (!answer)
      return later(this.untilDeadline(1_000), 'the tracker did not answer whether it still wants this promotion');
    if (answer.wanted) return undefined;
    return this.fail(refuse('Withdrawn', answer.message ?? 'the tracker does not want this promotion any more'));
  }

  /** Publishes the branch and its tip before the first push of the part, once. */
  async publishStarted({ branch, tip, replaces }: Ready): Promise<undefined> {
    this.#started ??= await this.#events.started({ branch, base: tip, replaces });
  }

  /** What Git needs to know about it. */
  part(): Part {
    return this.#events.part(this.#started);
  }
}
