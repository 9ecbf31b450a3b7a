import type { Log, StateBucket } from '@k8sta/bus';
import type { Ticket } from '@k8sta/contracts';
import { compose } from './compose.js';
import { type Decision, decide } from './decide.js';
import type { Gate } from './gate.js';
import type { Metrics } from './metrics.js';
import type { Notice } from './notice.js';
import type { Receiver, Sent } from './receivers/receiver.js';
import { noRecord, type Record, recordSchema, settled } from './record.js';
import type { Links, Rule } from './rules/rule.js';

/** Not now: when to try again. */
export interface Later {
  readonly delayMs: number;
  readonly because: string;
  /** The receiver cannot take messages now. */
  readonly isOutage?: true;
}

export interface DeliverOptions {
  readonly bucket: StateBucket;
  readonly links: Links;
  readonly giveUpMs: number;
  /** How long an intent keeps others from sending, in milliseconds. */
  readonly leaseMs: number;
  readonly now: () => Date;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** A receiver with its gate. */
export interface Outlet {
  readonly receiver: Receiver;
  readonly gate: Gate;
}

/** A notice on its way to a receiver. Without a rule it only brings a message up to date. */
export interface Job {
  readonly notice: Notice;
  readonly rule: Rule | undefined;
  /** Since when it is to be sent, in milliseconds since the epoch. */
  readonly dueAt: number;
  readonly ticket: () => Promise<Ticket | undefined>;
}

type Sending = Extract<Decision, { is: 'send' }>;

/** Another replica changed the record meanwhile. */
const conflictMs = 500;

/**
 * Sends a notice to a receiver: stores the intent, sends, and stores what the receiver calls the message. Undefined once
 * nothing more is to be done. Between the last two steps a crash leaves the intent, and the message is sent once more.
 */
export async function deliver(outlet: Outlet, job: Job, options: DeliverOptions): Promise<Later | undefined> {
  const { receiver, gate } = outlet;
  const { bucket, leaseMs, now } = options;
  return gate.run(async () => {
    const closed = isExpired(job, options) ? undefined : gate.closed();
    // Without a look at the record: a receiver may be away for long, with thousands of messages waiting.
    if (closed && job.rule) return { delayMs: closed.forMs, because: closed.why, isOutage: true };
    const key = `${receiver.name}.${job.notice.thread}`;
    const entry = await bucket.get(key);
    const revision = entry?.revision ?? 0;
    const record = entry && readRecord(entry.value);
    const { abilities } = receiver;
    const decision = decide(
      { notice: job.notice, isSelected: job.rule !== undefined, record, abilities, leaseMs },
      now(),
    );
    if (decision.is === 'later')
      return { delayMs: decision.until - now().getTime(), because: 'another message of its thread is being sent' };
    if (decision.is === 'nothing') {
      if (decision.record) await bucket.replace(key, JSON.stringify(decision.record), revision);
      return undefined;
    }
    if (isExpired(job, options)) return giveUp(outlet, job, options, key, record, revision);
    if (closed) return { delayMs: closed.forMs, because: closed.why, isOutage: true };
    const intended = await bucket.replace(key, JSON.stringify(decision.record), revision);
    if (intended === undefined) return { delayMs: conflictMs, because: 'another replica was faster' };
    const sent = await send(outlet, job, decision, options);
    return conclude(outlet, job, { sent, decision, key, revision: intended }, options);
  });
}

/** A record of a newer version is left alone: the message is handed back. */
function readRecord(value: string): Record {
  return recordSchema.parse(JSON.parse(value));
}

function isExpired({ dueAt }: Job, { giveUpMs, now }: DeliverOptions): boolean {
  return now().getTime() - dueAt > giveUpMs;
}

async function giveUp(
  { receiver, gate }: Outlet,
  job: Job,
  { bucket, log, metrics }: DeliverOptions,
  key: string,
  record: Record | undefined,
  revision: number,
): Promise<undefined> {
  const why = { reason: 'NotificationExpired', message: gate.fault ?? 'the notifier could not try in time' };
  log.error({ ...fieldsOf(receiver, job), ...why }, 'notification given up: it could not be sent in time');
  metrics.delivered(receiver.name, 'expired');
  await bucket.replace(key, JSON.stringify(settled(record ?? noRecord, job.notice)), revision);
}

async function send({ receiver }: Outlet, job: Job, decision: Sending, options: DeliverOptions): Promise<Sent> {
  const { notice, rule } = job;
  const { how, isRepeat, record } = decision;
  const message = compose(notice, {
    template: rule?.template,
    // Only for links, which are no reason to keep people from the message.
    ticket: await job.ticket().catch(() => undefined),
    links: options.links,
    saysRepeat: isRepeat && how !== 'edit' && !receiver.knowsRepeats,
    onFault: (err) =>
      options.log.error({ ...fieldsOf(receiver, job), err }, 'template cannot be rendered, using the standard one'),
  });
  const delivery = { how, message, notice, id: `${receiver.name}/${notice.id}`, ref: record.ref };
  const sent = await receiver.send(delivery);
  // Somebody deleted the message. A rule still wants its notice to be seen.
  if (sent.is !== 'gone' || rule === undefined) return sent;
  return receiver.send({ ...delivery, how: 'post', ref: undefined });
}

interface Attempt {
  readonly sent: Sent;
  readonly decision: Sending;
  readonly key: string;
  readonly revision: number;
}

async function conclude(
  { receiver, gate }: Outlet,
  job: Job,
  { sent, decision, key, revision }: Attempt,
  { bucket, log, metrics, leaseMs }: DeliverOptions,
): Promise<Later | undefined> {
  const fields = fieldsOf(receiver, job);
  const { record } = decision;
  const store = async (next: Record) => {
    const stored = await bucket.replace(key, JSON.stringify(next), revision);
    if (stored === undefined) log.warn(fields, 'another replica sent meanwhile: a message may be there twice');
  };
  if (sent.is === 'sent') {
    gate.succeeded();
    await store(settled(record, job.notice, sent.ref));
    metrics.delivered(receiver.name, 'sent');
    log.info({ ...fields, how: decision.how }, 'notification sent');
    return undefined;
  }
  if (sent.is === 'refused' || sent.is === 'gone') {
    const { ref: _gone, ...rest } = record;
    await store(settled(sent.is === 'gone' ? rest : record, job.notice));
    metrics.delivered(receiver.name, 'refused');
    log.error({ ...fields, reason: 'NotificationRefused', message: sent.why }, 'notification refused: nobody gets it');
    return undefined;
  }
  gate.failed(sent.why, sent.is === 'unsent' ? sent.afterMs : undefined);
  metrics.delivered(receiver.name, 'retried');
  if (sent.is === 'unsent') {
    const { intent: _none, ...rest } = record;
    await store(rest);
  }
  const delayMs = Math.max(gate.closed()?.forMs ?? 0, sent.is === 'unsure' ? leaseMs : 0);
  return { delayMs, because: sent.why, isOutage: true };
}

function fieldsOf({ name }: Receiver, { notice, rule }: Job): object {
  const { type: event, track, ticket } = notice;
  return { receiver: name, rule: rule?.name, event, track, ...(ticket !== undefined && { ticketid: ticket }) };
}
