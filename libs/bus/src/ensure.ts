import { setTimeout as pause } from 'node:timers/promises';
import { noticeBucket, noticeMaxAgeDays, type StreamSpec, stateBucket, streamKeeper, streams } from '@k8sta/contracts';
import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  type JetStreamManager,
  NatsError,
  nanos,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from 'nats';
import type { Log } from './log.js';
import { BusRefusal } from './refusal.js';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * How many copies the servers keep; use 3 for a cluster. A stream that has fewer gets more. None is taken away: while a rolling
 * update changes the option, the versions would undo each other's changes, and somebody may have wanted more.
 */
export interface StreamOptions {
  readonly replicas: number;
}

function configOf(spec: StreamSpec) {
  return {
    description: spec.description,
    subjects: [...spec.subjects],
    max_age: spec.maxAgeDays === undefined ? 0 : nanos(spec.maxAgeDays * dayMs),
    ...(spec.maxMiB !== undefined && { max_bytes: spec.maxMiB * 1024 * 1024 }),
    max_msgs_per_subject: spec.lastPerSubject ? 1 : -1,
    // A stream of last values, or of bounded size, discards the oldest message. A history refuses the new one instead, so
    // that its publisher knows that it was not stored.
    discard: spec.lastPerSubject || spec.maxMiB !== undefined ? DiscardPolicy.Old : DiscardPolicy.New,
  } satisfies Partial<StreamConfig>;
}

/** The streams of K8sTA, as one service may manage them. */
export interface Streams {
  /**
   * Makes sure that they exist. The keeper creates missing streams and updates those that differ; every replica may do so at
   * any time. For any other service it throws {@link MissingStreams}.
   */
  ensure(): Promise<void>;
}

/** Streams are missing that only another service may create. */
export class MissingStreams extends Error {
  override readonly name = 'MissingStreams';

  constructor(names: readonly string[]) {
    super(`NATS has no stream ${names.join(', ')} yet; the ${streamKeeper} creates it`);
  }
}

export function streamsFor(manager: JetStreamManager, isKeeper: boolean, options: StreamOptions): Streams {
  return { ensure: () => (isKeeper ? ensureStreams(manager, options) : requireStreams(manager)) };
}

async function requireStreams(manager: JetStreamManager): Promise<void> {
  const missing: string[] = [];
  for (const { name } of streams) if (!(await orMissing(manager.streams.info(name)))) missing.push(name);
  if (missing.length > 0) throw new MissingStreams(missing);
}

async function ensureStreams(manager: JetStreamManager, { replicas }: StreamOptions): Promise<void> {
  // Before the streams: a service that waits for the streams reads the buckets next.
  await ensureState(manager, replicas);
  await ensureNotices(manager, replicas);
  for (const spec of streams) {
    const wanted = configOf(spec);
    const found = await orMissing(manager.streams.info(spec.name));
    if (!found) {
      await manager.streams.add({
        name: spec.name,
        retention: RetentionPolicy.Limits,
        storage: StorageType.File,
        num_replicas: replicas,
        ...wanted,
      });
    } else if (differs(found.config, wanted) || found.config.num_replicas < replicas) {
      await manager.streams.update(spec.name, { ...found.config, ...wanted, ...copiesOf(found.config, replicas) });
    }
  }
}

function copiesOf({ num_replicas: copies }: StreamConfig, wanted: number): Pick<StreamConfig, 'num_replicas'> {
  return { num_replicas: Math.max(copies, wanted) };
}

/** False if there is no such stream. */
async function raiseCopies(manager: JetStreamManager, name: string, replicas: number): Promise<boolean> {
  const found = await orMissing(manager.streams.info(name));
  if (found && found.config.num_replicas < replicas)
    await manager.streams.update(name, { ...found.config, ...copiesOf(found.config, replicas) });
  return found !== undefined;
}

/** The state bucket, which the tracker opens in the same way when it uses it. */
async function ensureState(manager: JetStreamManager, replicas: number): Promise<void> {
  if (await raiseCopies(manager, `KV_${stateBucket}`, replicas)) return;
  await manager.jetstream().views.kv(stateBucket, { history: 1, replicas });
}

/** The bucket of notices, as nats.js would create it; its owner may not create streams. */
async function ensureNotices(manager: JetStreamManager, replicas: number): Promise<void> {
  const name = `KV_${noticeBucket}`;
  if (await raiseCopies(manager, name, replicas)) return;
  await manager.streams.add({
    name,
    description: 'Which messages the notifier has sent.',
    subjects: [`$KV.${noticeBucket}.>`],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    num_replicas: replicas,
    max_msgs_per_subject: 1,
    max_age: nanos(noticeMaxAgeDays * dayMs),
    discard: DiscardPolicy.New,
    allow_direct: true,
    allow_rollup_hdrs: true,
    deny_delete: true,
  });
}

/** Ensures the streams. Waits for their keeper if this service may not create them. */
export async function untilStreams(streams: Streams, log: Log): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await streams.ensure();
    } catch (error) {
      if (!(error instanceof MissingStreams)) throw error;
      if (attempt === 1) log.info({ reason: error.message }, 'waiting for the streams');
      await pause(250);
    }
  }
}

export interface ConsumerSpec {
  readonly stream: string;
  readonly durable: string;
  readonly filter: string;
  readonly ackWaitMs: number;
  readonly maxAckPending: number;
}

/**
 * Creates the durable if it is missing. Never deletes one: a new durable would redeliver everything (handled.ts has the
 * exception). Never changes the filter of an existing one: NATS would apply it silently, and messages would be lost.
 */
export async function ensureConsumer(manager: JetStreamManager, spec: ConsumerSpec): Promise<void> {
  const found = await orMissing(manager.consumers.info(spec.stream, spec.durable));
  if (found) {
    if (found.config.filter_subject !== spec.filter) {
      throw new BusRefusal(
        `it keeps the durable ${spec.durable} of ${spec.stream} for ${found.config.filter_subject}, and this version needs it for ${spec.filter}: another version made it; delete it once none of that version runs (nats consumer rm ${spec.stream} ${spec.durable})`,
      );
    }
    if (found.config.ack_wait !== nanos(spec.ackWaitMs)) {
      await manager.consumers.update(spec.stream, spec.durable, { ...found.config, ack_wait: nanos(spec.ackWaitMs) });
    }
    return;
  }
  const config: Partial<ConsumerConfig> = {
    durable_name: spec.durable,
    filter_subject: spec.filter,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(spec.ackWaitMs),
    max_deliver: -1,
    max_ack_pending: spec.maxAckPending,
  };
  await manager.consumers.add(spec.stream, config);
}

/** Whether the server says that the stream, the consumer or the message does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof NatsError && (error.api_error?.code === 404 || error.code === '404');
}

/** The server's answer; undefined when the server says that there is no such thing. */
export async function orMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function differs(found: StreamConfig, wanted: Partial<StreamConfig>): boolean {
  return Object.entries(wanted).some(
    ([key, value]) => JSON.stringify(found[key as keyof StreamConfig]) !== JSON.stringify(value),
  );
}
