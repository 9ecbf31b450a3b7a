import { type Bus, done, type Log, type Outcome, type Received } from '@k8sta/bus';
import {
  type DataOf,
  type EventType,
  eventId,
  type ForgeProvider,
  type PromotedApplication,
  partId,
  partTokens,
  promotionWanted,
  withoutCredentials,
} from '@k8sta/contracts';
import { unreachable } from '@k8sta/text';
import type { Metrics } from '../metrics.js';
import type { Landed, Nothing, Part, Refusal, Started } from '../part.js';

export type Request = DataOf<'promotion.requested'>;

/**
 * How long the tracker may take to answer whether it still wants a part. A part without an answer is planned again, which
 * is far more work than the answer, and where a thousand Tracks move at once, an answer can take several seconds. If no
 * tracker runs, NATS says so at once.
 */
const wantedTimeoutMs = 10_000;

/** What the events of a part need from the service. */
export interface PartContext {
  readonly bus: Pick<Bus, 'publish' | 'last' | 'ask'>;
  readonly metrics: Pick<Metrics, 'ended'>;
  readonly log: Log;
  readonly now: () => Date;
}

/** A pull request that is open. The names of its branches are full. */
export interface Opened {
  readonly branch: string;
  readonly head: string;
  /** Our commit on its branch. */
  readonly commit: string;
  readonly provider: ForgeProvider;
  readonly number: number;
  readonly url: string;
}

/** The pull request by which a commit reached its branch, and who merged it. */
export type MergedBy = Pick<DataOf<'promotion.committed'>, 'proposal' | 'mergedBy'>;

/** A request as the bus delivered it, with its trace. */
export type Requested = Pick<Received<'promotion.requested'>, 'data' | 'traceparent'>;

/** Everything that the promoter says and asks about one part on the bus. */
export class PartEvents {
  readonly request: Request;
  /** Of the part: its promotion and its index. */
  readonly id: string;
  /** The trace that its answer belongs to. */
  readonly traceparent: string | undefined;
  readonly #context: PartContext;
  readonly #receivedAt = performance.now();

  constructor({ data: request, traceparent }: Requested, context: PartContext) {
    this.request = request;
    this.id = partId(request.promotion, request.part);
    this.traceparent = traceparent;
    this.#context = context;
  }

  /** What Git needs to know about it. */
  part(started: Started | undefined): Part {
    const { kind, branch, applications, protectedSources, ticket, track, station, requestedAt } = this.request;
    return {
      ...(kind !== undefined && { kind }),
      ...{ id: this.id, ticket, track, station, applications, protectedSources, requestedAt },
      ...(branch !== undefined && { branch }),
      ...(started && { started }),
    };
  }

  /** Whether the tracker still wants the part; undefined if it does not answer. */
  wanted(): Promise<{ readonly wanted: boolean; readonly message?: string | undefined } | undefined> {
    const { track, ticket, promotion, part } = this.request;
    const question = { track, ticket, promotion, part };
    return this.#context.bus.ask(promotionWanted, question, wantedTimeoutMs, this.traceparent);
  }

  /** Publishes the branch and its tip before the first push of the part. Returns what applies: the first one that was published. */
  async started(started: Started): Promise<Started> {
    const repository = withoutCredentials(this.request.repository);
    const { duplicate } = await this.#context.bus.publish({
      type: 'promotion.started',
      ...this.#ids('promotion.started'),
      data: { ...this.#head, repository, ...started },
    });
    // Another replica published it first, perhaps with an earlier base.
    return (duplicate ? await this.readStarted() : undefined) ?? started;
  }

  async readStarted(): Promise<Started | undefined> {
    const first = (await this.#context.bus.last('promotion.started', partTokens(this.request)))?.data;
    return first && { branch: first.branch, base: first.base, replaces: first.replaces };
  }

  /** Publishes `promotion.failed`, which ends the part. */
  async fail({ reason, message, commit, author }: Refusal): Promise<Outcome> {
    const { issue } = this.request;
    await this.#context.bus.publish({
      type: 'promotion.failed',
      ...this.#ids('promotion.failed', issue),
      data: {
        ...this.#head,
        ...{ issue, reason, message },
        ...(commit !== undefined && { commit }),
        ...(author !== undefined && { author }),
        failedAt: this.#context.now().toISOString(),
      },
    });
    this.#end(reason, { message });
    return done;
  }

  /** Answers a part that needs no push, or no push any more. `by`: the pull request that brought the commit. */
  async answer(plan: Refusal | Landed | Nothing, by: MergedBy = {}): Promise<Outcome> {
    switch (plan.is) {
      case 'refused':
        return this.fail(plan);
      case 'nothing':
        return this.#commit(plan.branch, plan.tip, undefined, plan.applications, {});
      case 'landed':
        return this.#commit(plan.branch, plan.commit, plan.commit, plan.applications, by);
      default:
        return unreachable('plan', plan);
    }
  }

  async #commit(
    branch: string,
    revision: string,
    commit: string | undefined,
    applications: PromotedApplication[],
    by: MergedBy,
  ): Promise<Outcome> {
    const repository = withoutCredentials(this.request.repository);
    await this.#context.bus.publish({
      type: 'promotion.committed',
      ...this.#ids('promotion.committed', this.request.issue),
      data: {
        ...this.#head,
        ...{ repository, branch, revision, applications },
        ...(commit !== undefined && { commit }),
        ...by,
        committedAt: this.#context.now().toISOString(),
      },
    });
    this.#end(commit === undefined ? 'unchanged' : 'committed', { repository, branch, revision });
    return done;
  }

  /** Publishes that the pull request is open: once for each request that it answers. */
  async proposed(opened: Opened): Promise<void> {
    const { request } = this;
    await this.#context.bus.publish({
      type: 'promotion.proposed',
      ...this.#ids('promotion.proposed', opened.number, request.issue),
      data: {
        ...this.#head,
        ...opened,
        repository: withoutCredentials(request.repository),
        request,
        proposedAt: this.#context.now().toISOString(),
      },
    });
    const { provider, number, url } = opened;
    this.log('pull request published', { provider, number, url });
  }

  log(message: string, fields: object): void {
    this.#context.log.info({ ticketid: this.request.ticket, promotion: this.id, ...fields }, message);
  }

  #ids(type: EventType, ...more: readonly (string | number)[]) {
    const { traceparent } = this;
    return { id: eventId(type, this.id, ...more), ticketId: this.request.ticket, traceparent };
  }

  get #head() {
    const { promotion, part, ticket, track, station } = this.request;
    return { promotion, part, ticket, track, station };
  }

  #end(ending: Parameters<Metrics['ended']>[0], fields: object): void {
    this.#context.metrics.ended(ending, (performance.now() - this.#receivedAt) / 1000);
    this.log('promotion part ended', { outcome: ending, ...fields });
  }
}
