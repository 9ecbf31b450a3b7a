import { type BusEvent, definitionOf, gitInspection, gitRelation, subjectFor } from '@k8sta/contracts';
import { connect, StringCodec } from 'nats';

const text = StringCodec();

/** Plays the other services for the tracker: a watcher, an ingest and a promoter that answers at once. */
export interface Surroundings {
  /** Publishes in batches; resolves when all events are stored. */
  publish(events: readonly BusEvent[]): Promise<void>;
  /** How many messages the tracker has not handled yet. */
  pending(): Promise<number>;
  /** The last sequence of the state bucket's stream, which counts the documents that were written. */
  writes(): Promise<number>;
  /** Writes keys of the state bucket. */
  put(entries: Iterable<readonly [key: string, value: string]>): Promise<void>;
  close(): Promise<void>;
}

const stateStream = 'KV_K8STA_STATE';

export async function surround(servers: string): Promise<Surroundings> {
  const connection = await connect({ servers });
  const jetstream = connection.jetstream();
  const manager = await connection.jetstreamManager();
  const answer = (subject: string, reply: object) =>
    connection.subscribe(subject, { callback: (_error, message) => void message.respond(JSON.stringify(reply)) });
  answer(gitInspection.subject, { is: 'possible', applications: [] });
  answer(gitRelation.subject, { relation: 'behind' });

  const store = (subject: string, payload: string, id?: string) =>
    jetstream.publish(subject, text.encode(payload), { timeout: 30_000, ...(id && { msgID: id }) });
  /** Sends a thousand messages at a time. */
  const inBatches = async (messages: Iterable<() => Promise<unknown>>): Promise<void> => {
    let batch: Promise<unknown>[] = [];
    for (const send of messages) {
      batch.push(send());
      if (batch.length === 1_000) {
        await Promise.all(batch);
        batch = [];
      }
    }
    await Promise.all(batch);
  };
  return {
    publish: (events) =>
      inBatches(
        events.map((event) => () => {
          const definition = definitionOf(event.type);
          if (!definition) throw new TypeError(`the catalogue holds no event "${event.type}"`);
          const subject = subjectFor(definition as Parameters<typeof subjectFor>[0], event.data);
          return store(subject, JSON.stringify(envelopeOf(event)), event.id);
        }),
      ),
    async pending() {
      const counts = await Promise.all(
        ['K8STA', 'K8STA_APPLICATIONS'].map(async (stream) => {
          const consumers = await manager.consumers.list(stream).next();
          return consumers.reduce((sum, { num_pending: coming, num_ack_pending: open }) => sum + coming + open, 0);
        }),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
    writes: async () => (await manager.streams.info(stateStream)).state.last_seq,
    put: (entries) =>
      inBatches(
        [...entries].map(
          ([key, value]) =>
            () =>
              store(`$KV.K8STA_STATE.${key}`, value),
        ),
      ),
    close: () => connection.close(),
  };
}

function envelopeOf({ type, id, ticketId, data }: BusEvent): object {
  return {
    ...{ specversion: '1.0', id, source: '/k8sta/bench', type, subject: id.slice(type.length + 1) },
    ...{ time: new Date().toISOString(), datacontenttype: 'application/json', data },
    ...(ticketId && { ticketid: ticketId }),
  };
}
