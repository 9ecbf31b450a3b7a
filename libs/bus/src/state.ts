import { gunzipSync, gzipSync } from 'node:zlib';
import { stateBucket } from '@k8sta/contracts';
import {
  Empty,
  type JetStreamClient,
  type JetStreamManager,
  type KV,
  type KvEntry,
  type NatsConnection,
  NatsError,
} from 'nats';
import { orMissing } from './ensure.js';
import { withReason } from './refusal.js';

/** A value of the bucket, with the revision to pass when it is replaced. */
export interface StateEntry {
  readonly value: string;
  readonly revision: number;
}

/** A KV bucket: the one from which state is restored, or the one that holds what the notifier has sent. */
export interface StateBucket {
  get(key: string): Promise<StateEntry | undefined>;
  /** The keys that match the filter, a subject with wildcards, including keys that were removed. */
  keys(filter: string): Promise<string[]>;
  /**
   * Replaces the value if the key still has this revision (0: if it does not exist). Returns the new revision; undefined
   * when another writer was first.
   */
  replace(key: string, value: string, revision: number): Promise<number | undefined>;
  /** Removes the key and its history. */
  remove(key: string): Promise<void>;
}

/** JetStream's "wrong last sequence": another writer was first. */
const wrongLastSequence = 10071;

export interface BucketOptions {
  /** Default: the state bucket. */
  readonly name?: string;
  /** Called when the bucket may be missing, by the service that creates it. */
  readonly ensure?: () => Promise<void>;
}

/** Opens the bucket. */
export function openState(
  jetstream: JetStreamClient,
  manager: JetStreamManager,
  { name = stateBucket, ensure = async () => {} }: BucketOptions = {},
): StateBucket {
  // A reader may not ask for the bucket's settings; the keeper has created it with direct reads.
  const open = (): Promise<KV> => jetstream.views.kv(name, { history: 1, bindOnly: true, allow_direct: true });
  let opened: Promise<KV> | undefined;

  const withBucket = async <T>(work: (bucket: KV) => Promise<T>): Promise<T> => {
    opened ??= open();
    try {
      return await work(await opened);
    } catch (error) {
      if (isConflict(error)) throw error;
      // The next call opens the bucket again. One retry now, in case the bucket was deleted.
      opened = ensure().then(open);
      return opened.then(work).catch((again: unknown) => {
        throw withReason(again);
      });
    }
  };
  return {
    get: (key) =>
      withBucket(async (bucket) => {
        const entry = await bucket.get(key);
        return entry && entry.operation === 'PUT' ? { value: unpack(entry), revision: entry.revision } : undefined;
      }),
    // Not the keys of nats.js, which need a consumer.
    async keys(filter) {
      const prefix = `$KV.${name}.`;
      const info = await orMissing(manager.streams.info(`KV_${name}`, { subjects_filter: `${prefix}${filter}` }));
      return Object.keys(info?.state.subjects ?? {}).map((subject) => subject.slice(prefix.length));
    },
    replace: async (key, value, revision) => {
      try {
        return await withBucket((bucket) =>
          // A removed key has left a marker, which create() replaces.
          revision === 0 ? bucket.create(key, pack(value)) : bucket.update(key, pack(value), revision),
        );
      } catch (error) {
        if (isConflict(error)) return undefined;
        throw error;
      }
    },
    remove: (key) => withBucket((bucket) => bucket.purge(key)),
  };
}

/**
 * The value of a key, read directly; undefined if there is none. The client's own read makes an exception of a missing key, with a
 * stack trace, and for ingest nearly every key is missing.
 */
export async function readValue(connection: NatsConnection, key: string): Promise<string | undefined> {
  const subject = `$JS.API.DIRECT.GET.KV_${stateBucket}.$KV.${stateBucket}.${key}`;
  const message = await connection.request(subject, Empty, { timeout: 5_000 });
  const code = message.headers?.code ?? 0;
  if (code === 404 || message.headers?.get('KV-Operation')) return undefined;
  if (code !== 0) throw new NatsError(message.headers?.description ?? '', String(code));
  return unpack({ value: message.data, string: () => message.string() });
}

/** Larger values are compressed: a message may have one megabyte. Smaller ones stay readable for people. */
const plainLimit = 256 * 1024;

function pack(value: string): string | Uint8Array {
  return Buffer.byteLength(value) < plainLimit ? value : gzipSync(value);
}

/** JSON never begins with the two bytes that gzip data begins with (RFC 1952). */
function unpack(entry: Pick<KvEntry, 'value' | 'string'>): string {
  const isPacked = entry.value[0] === 0x1f && entry.value[1] === 0x8b;
  return isPacked ? gunzipSync(entry.value).toString() : entry.string();
}

function isConflict(error: unknown): boolean {
  return error instanceof NatsError && error.api_error?.err_code === wrongLastSequence;
}
