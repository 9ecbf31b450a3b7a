import { type StreamName, stateBucket, tap } from '@k8sta/contracts';
import { type ConsumerMessages, connect, DeliverPolicy, type QueuedIterator } from 'nats';
import { type BusConnection, connectionOptions } from './connection.js';
import { type AnyUnwrapped, unwrapAny } from './wrap.js';

/** The bus as somebody sees it who only looks: nothing is published, and no stream, bucket or durable is made. */
export interface Tap {
  /** Every event from now on, of all streams, as it is published. */
  events(take: (event: AnyUnwrapped) => void): Promise<void>;
  /** The newest event of each subject of the stream, then each as it is stored. What cannot be read is left out. */
  newest(stream: StreamName, take: (event: AnyUnwrapped) => void): Promise<void>;
  /** Each value under these keys of the state bucket, then each change; undefined for one that was removed. */
  states(keys: string, take: (key: string, value: string | undefined) => void): Promise<void>;
  close(): Promise<void>;
}

/** Throws where the bus cannot be reached, or has no K8sTA on it yet. */
export async function openTap(to: BusConnection): Promise<Tap> {
  const connection = await connect(connectionOptions(tap, to));
  const jetstream = connection.jetstream();
  const open: Pick<ConsumerMessages | QueuedIterator<unknown>, 'stop'>[] = [];
  const readThen = (take: (event: AnyUnwrapped) => void) => (message: { string(): string }) => {
    const event = unwrapAny(message.string());
    if (event) take(event);
  };
  return {
    async events(take) {
      const told = readThen(take);
      // Questions and their answers pass here as well; they are no events.
      connection.subscribe('k8sta.>', { callback: (_error, message) => told(message) });
      await connection.flush();
    },
    async newest(stream, take) {
      const consumer = await jetstream.consumers.get(stream, { deliver_policy: DeliverPolicy.LastPerSubject });
      const messages = await consumer.consume({ callback: readThen(take) });
      open.push(messages);
    },
    async states(keys, take) {
      const bucket = await jetstream.views.kv(stateBucket, { bindOnly: true });
      const entries = await bucket.watch({ key: keys });
      open.push(entries);
      (async () => {
        for await (const entry of entries) {
          take(entry.key, entry.operation === 'PUT' ? entry.string() : undefined);
        }
      })().catch(() => {});
    },
    async close() {
      for (const each of open) each.stop();
      await connection.close();
    },
  };
}
