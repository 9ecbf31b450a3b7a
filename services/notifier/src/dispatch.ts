import { done, later, type Outcome } from '@k8sta/bus';
import type { Ticket } from '@k8sta/contracts';
import { type DeliverOptions, deliver, type Job, type Later, type Outlet } from './deliver.js';
import { type AnyPlaced, type Notice, noticeOf, occasionOf, summaryOf } from './notice.js';
import { type Selected, selectFor } from './rules/match.js';
import type { Rule } from './rules/rule.js';

export interface DispatchOptions extends DeliverOptions {
  readonly rules: readonly Rule[];
  readonly outlets: readonly Outlet[];
  /** The present state of a Ticket; undefined if there is none. */
  readonly ticket: (track: string, id: string) => Promise<Ticket | undefined>;
  /** What happened before is not sent: a new notifier must not send the history of a month. */
  readonly startedAt: Date;
}

/** Sends what the rules select of an event to each receiver; later, if a wait is too young or a receiver cannot take it now. */
export async function dispatch(event: AnyPlaced, deliveries: number, options: DispatchOptions): Promise<Outcome> {
  const notice = noticeOf(event);
  if (notice.time < options.startedAt) return done;
  const ticket = once(async () =>
    notice.track !== undefined && notice.ticket !== undefined ? options.ticket(notice.track, notice.ticket) : undefined,
  );
  const results = await Promise.all(options.outlets.map((outlet) => toReceiver(outlet, notice, ticket, options)));
  const waits = results.filter((result) => result !== undefined);
  const patient = waits.map((wait) =>
    wait.isOutage ? { ...wait, delayMs: Math.max(wait.delayMs, patienceMs(deliveries)) } : wait,
  );
  const soonest = patient.sort((a, b) => a.delayMs - b.delayMs)[0];
  return soonest ? later(Math.max(Math.ceil(soonest.delayMs), 1), soonest.because) : done;
}

const longestPatienceMs = 5 * 60 * 1_000;

/** While a receiver is away, each message comes back ever more rarely: JetStream keeps it, and there may be thousands. */
function patienceMs(deliveries: number): number {
  const ceilingMs = Math.min(longestPatienceMs, 125 * 2 ** Math.min(deliveries, 12));
  return ceilingMs * (0.5 + Math.random() / 2);
}

async function toReceiver(
  outlet: Outlet,
  notice: Notice,
  ticket: Job['ticket'],
  options: DispatchOptions,
): Promise<Later | undefined> {
  const selected = selectFor(options.rules, outlet.receiver.name, notice);
  if (selected.length === 0) {
    return isAnswer(notice)
      ? deliver(outlet, { notice: unselected(notice), rule: undefined, dueAt: notice.time.getTime(), ticket }, options)
      : undefined;
  }
  const now = options.now().getTime();
  const due = selected.find((each) => dueAt(each) <= now);
  if (!due) {
    const delayMs = Math.min(...selected.map(dueAt)) - now;
    return { delayMs, because: 'it has not lasted long enough for the rule' };
  }
  const current = due.notice.type === 'ticket.waiting' ? stillWaiting(await ticket(), due.notice) : due.notice;
  if (!current) return undefined;
  const since = Math.max(dueAt(due), notice.time.getTime());
  return deliver(outlet, { rule: due.rule, notice: current, dueAt: since, ticket }, options);
}

/** Whether it may change what a message says that was sent before. */
function isAnswer({ type }: Notice): boolean {
  return type !== 'operator.word' && type !== 'dead.letter';
}

/** The rules of the receiver select none of the findings: as far as they are concerned, there is none. */
function unselected(notice: Notice): Notice {
  return notice.type === 'track.checked' ? { ...notice, ...summaryOf([]) } : notice;
}

/** When the notice has lasted long enough for the rule. Only waits and findings last. */
function dueAt({ rule, notice }: Selected): number {
  if (notice.type === 'ticket.waiting') return (notice.since ?? notice.time).getTime() + rule.forMs;
  return notice.type === 'track.checked' ? notice.time.getTime() + rule.forMs : 0;
}

/** The notice in the words that the Ticket has now; undefined if it no longer waits for that. */
function stillWaiting(ticket: Ticket | undefined, notice: Notice): Notice | undefined {
  const { state } = ticket ?? {};
  if (state?.is !== 'waiting' && state?.is !== 'syncing') return undefined;
  const { message } = state;
  if (notice.occasion !== occasionOf(state)) return undefined;
  return { ...notice, items: notice.items.map((item) => ({ ...item, message })) };
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}
