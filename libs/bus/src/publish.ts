import type { BusEvent, Tracing } from '@k8sta/contracts';
import { ErrorCode, type JetStreamClient, NatsError } from 'nats';
import type { Declared } from './declared.js';
import type { Streams } from './ensure.js';
import { withReason } from './refusal.js';
import type { Storing } from './storing.js';
import { publishing } from './trace.js';
import { wrap } from './wrap.js';

/** How long JetStream may take to confirm that it holds an event, in milliseconds. */
const withinMs = 3_000;

/** JetStream's acknowledgement of a stored event. */
export interface Stored {
  readonly stream: string;
  readonly sequence: number;
  /** An event with the same id was stored before. */
  readonly duplicate: boolean;
}

export interface PublisherOptions {
  readonly service: string;
  readonly jetstream: JetStreamClient;
  readonly streams: Streams;
  readonly declared: Declared;
  readonly storing: Storing;
  readonly now: () => Date;
  readonly tracing?: Tracing | undefined;
}

/** Returns what publishes an event. It resolves once JetStream has stored the event, and throws when it has not. */
export function publisher(options: PublisherOptions): (event: BusEvent) => Promise<Stored> {
  const { service, jetstream, streams, declared, storing, now, tracing } = options;
  const store = async (event: BusEvent): Promise<Stored> => {
    declared.event('publishes', event.type);
    const { stream, subject, id, payload } = wrap(event, service, now());
    declared.subject(event.type, subject);
    const send = () => jetstream.publish(subject, payload, { msgID: id, timeout: withinMs });
    const sendAgain = async (error: unknown) => {
      if (!(error instanceof NatsError) || error.code !== ErrorCode.NoResponders) throw error;
      // No stream captures the subject, because the stream has been deleted; or the stream is full.
      await streams.ensure();
      return send();
    };
    const stored = await send()
      .catch(sendAgain)
      .catch((error: unknown) => {
        storing.failed(stream, error);
        throw withReason(error);
      });
    storing.stored(stream);
    return { stream: stored.stream, sequence: stored.seq, duplicate: stored.duplicate };
  };
  if (!tracing) return store;
  return (event) =>
    tracing.span(publishing(event), (span) => store(span ? { ...event, traceparent: span.traceparent } : event));
}
