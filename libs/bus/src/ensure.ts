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
  const keeper = new Keeper(manager, options);
  return { ensure: () => (isKeeper ? keeper.ensure() : requireStreams(manager)) };
}

async function requireStreams(manager: JetStreamManager): Promise<void> {
  const missing: string[] = [];
  for (const { name } of streams) if (!(await orMissing(manager.streams.info(name)))) missing.push(name);
  if (missing.length > 0) throw new MissingStreams(missing);
}

/**
 * nats-server says that a stream is gone before it removes the stream's files. A stream of the same name that is created at once
 * loses its files with them: it counts its messages and delivers none (2.9.10: 59 of 60 such streams).
 */
const removedWithinMs = 1_000;

class Keeper {
  readonly #manager: JetStreamManager;
  readonly #replicas: number;
  /** The streams that this process has seen. If one of them is missing, somebody has just deleted it. */
  readonly #seen = new Set<string>();

  constructor(manager: JetStreamManager, { replicas }: StreamOptions) {
    this.#manager = manager;
    this.#replicas = replicas;
  }

  async ensure(): Promise<void> {
    // Before the streams: a service that waits for the streams reads the buckets next.
    await this.#ensure(`KV_${stateBucket}`, {}, () =>
      this.#manager.jetstream().views.kv(stateBucket, { history: 1, replicas: this.#replicas }),
    );
    await this.#ensure(noticeConfig.name, {}, () => this.#add(noticeConfig));
    for (const spec of streams) {
      const wanted = configOf(spec);
      await this.#ensure(spec.name, wanted, () => this.#add({ name: spec.name, ...wanted }));
    }
  }

  async #ensure(name: string, wanted: Partial<StreamConfig>, create: () => Promise<unknown>): Promise<void> {
    const found = await orMissing(this.#manager.streams.info(name));
    if (!found) {
      if (this.#seen.has(name)) await pause(removedWithinMs);
      await create();
    } else if (differs(found.config, wanted) || found.config.num_replicas < this.#replicas) {
      const copies = { num_replicas: Math.max(found.config.num_replicas, this.#replicas) };
      await this.#manager.streams.update(name, { ...found.config, ...wanted, ...copies });
    }
    this.#seen.add(name);
  }

  #add(config: Partial<StreamConfig> & Pick<StreamConfig, 'name'>) {
    const everywhere = { retention: RetentionPolicy.Limits, storage: StorageType.File, num_replicas: this.#replicas };
    return this.#manager.streams.add({ ...everywhere, ...config });
  }
}

/** The bucket of notices, as nats.js would create it; its owner may not create streams. */
const noticeConfig = {
  name: `KV_${noticeBucket}`,
  description: 'Which messages the notifier has sent.',
  subjects: [`$KV.${noticeBucket}.>`],
  max_msgs_per_subject: 1,
  max_age: nanos(noticeMaxAgeDays * dayMs),
  discard: DiscardPolicy.New,
  allow_direct: true,
  allow_rollup_hdrs: true,
  deny_delete: true,
} satisfies Partial<StreamConfig>;

/** Ensures the streams. Waits for their keeper if this service may not create them. */
export async function untilStreams(streams: Streams, log: Log): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await streams.ensure();
    } catch (error) {
      if (!(error instanceof MissingStreams)) throw error;
      if (attempt === 1) log.info({ message: error.message }, 'waiting for the streams');
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
