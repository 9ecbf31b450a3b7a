import { readFile } from 'node:fs/promises';
import { follow, unwrap } from '@k8sta/bus';
import { type DataOf, type EventType, envelopeSchema, tap as tapUser } from '@k8sta/contracts';
import { type System, type SystemOptions, startSystem, until } from '@k8sta/sandbox';
import { connect } from 'nats';

/** An event as the tap saw it. */
export interface Tapped<Type extends EventType = EventType> {
  readonly type: Type;
  readonly id: string;
  readonly ticketId?: string;
  readonly data: DataOf<Type>;
}

/** The history of Tickets and promotions, in the order of their stream. */
export interface Tap {
  all(): readonly Tapped[];
  /** The first such event, past or future. */
  find<Type extends EventType>(type: Type, is?: (event: Tapped<Type>) => boolean): Promise<Tapped<Type>>;
  /** Resolves when so many events of the Ticket have been heard. */
  heard(ticket: string, count: number): Promise<void>;
  /** Resolves when the Ticket is completed; rejects when it ends in another way, or has not ended after `withinMs` (100 s). */
  completed(ticket: string | undefined, withinMs?: number): Promise<void>;
}

export interface TestSystem extends System {
  readonly tap: Tap;
  /** Posts the captured webhook with this tag. */
  push(tag: string, headers?: Record<string, string>, to?: Addressed): Promise<{ status: number; tickets: string[] }>;
  /** As a sender does that is told of a failure, or of nothing: it posts again. */
  pushUntilAccepted(tag: string, image?: string): Promise<string>;
}

/** What a webhook is about, and where it is posted. Default: the image of the storefront, and the first ingest. */
export interface Addressed {
  readonly image?: string;
  readonly url?: string;
}

/** A message that a process was killed with comes to the next one after a second, so that nobody waits for ten. */
export const quickToTakeOver = Object.fromEntries(
  ['ingest', 'tracker', 'promoter', 'argo-watcher'].map((name) => [name, { K8STA_ACK_WAIT_MS: '1000' }]),
) satisfies SystemOptions['environment'];

const payloadFile = new URL('../../services/ingest/src/senders/fixtures/dockerhub/push.json', import.meta.url);

export async function startTestSystem(options: SystemOptions = {}): Promise<TestSystem> {
  const system = await startSystem(options);
  const { tap, close } = await openTap(system);
  const payload = JSON.parse(await readFile(payloadFile, 'utf8'));
  const push: TestSystem['push'] = async (tag, headers, { image, url = system.webhookUrl } = {}) => {
    const body = {
      ...payload,
      push_data: { ...payload.push_data, tag, pushed_at: Math.floor(Date.now() / 1000) },
      repository: image === undefined ? payload.repository : { ...payload.repository, repo_name: image },
    };
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const said = (await answer.json()) as { tickets?: { ticket: string }[] };
    return { status: answer.status, tickets: (said.tickets ?? []).map(({ ticket }) => ticket) };
  };
  return {
    ...system,
    tap,
    push,
    pushUntilAccepted(tag, image) {
      const accepted = async () => {
        const answer = await push(tag, undefined, image === undefined ? {} : { image }).catch(() => undefined);
        // 200 where the answer to an earlier call was lost.
        return answer && answer.status < 300 ? answer.tickets[0] : undefined;
      };
      return until(accepted, { what: `the webhook of ${tag} being accepted`, deadlineMs: 120_000 });
    },
    async stop() {
      await close();
      await system.stop();
    },
  };
}

/** Reads the history stream, not the subjects: what is said while nats-server is away must not be missed. */
async function openTap(system: System): Promise<{ tap: Tap; close(): Promise<void> }> {
  const reconnect = { maxReconnectAttempts: -1, reconnectTimeWait: 100 };
  const connection = await connect({ ...system.nats.as(tapUser), ...reconnect });
  const events: Tapped[] = [];
  const listeners = new Set<() => void>();
  const messages = await follow(connection, 'K8STA', {}, (message) => {
    const envelope = envelopeSchema.safeParse(message.json());
    // A test may have put something else there on purpose.
    if (!envelope.success) return;
    const read = unwrap(envelope.data.type as EventType, message.string());
    if ('fault' in read) throw new Error(`${message.subject}: ${read.fault.cause}`);
    events.push(read.event as Tapped);
    for (const listener of listeners) listener();
  });
  const close = async () => {
    messages.stop();
    await connection.close();
  };
  const find: Tap['find'] = (type, is = () => true) =>
    new Promise((resolve) => {
      const look = () => {
        const found = events.find((event) => event.type === type && is(event as never));
        if (!found) return;
        listeners.delete(look);
        resolve(found as never);
      };
      listeners.add(look);
      look();
    });
  const ending = new Set<EventType>(['ticket.completed', 'ticket.failed', 'ticket.superseded']);
  const of = (ticket: string | undefined) => events.filter((event) => event.ticketId === ticket);
  const heard: Tap['heard'] = async (ticket, count) => {
    if (of(ticket).length >= count) return;
    await new Promise<void>((resolve) => {
      const look = () => {
        if (of(ticket).length < count) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
    });
  };
  const completed: Tap['completed'] = (ticket, withinMs = 100_000) =>
    new Promise((resolve, reject) => {
      const tooLong = () => {
        const last = of(ticket).at(-1);
        reject(
          new Error(
            `Ticket ${ticket} has not ended after ${withinMs} ms: ${last?.type}: ${JSON.stringify(last?.data)}`,
          ),
        );
      };
      const late = setTimeout(tooLong, withinMs);
      const look = () => {
        const end = events.find((event) => event.ticketId === ticket && ending.has(event.type));
        if (!end) return;
        clearTimeout(late);
        listeners.delete(look);
        if (end.type === 'ticket.completed') resolve();
        else reject(new Error(`Ticket ${ticket} ended otherwise: ${end.type}: ${JSON.stringify(end.data)}`));
      };
      listeners.add(look);
      look();
    });
  return { tap: { all: () => events, find, heard, completed }, close };
}
