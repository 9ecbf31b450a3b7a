import type { Bus } from '@k8sta/bus';
import { isOver, stateKey, ticketState } from '@k8sta/contracts';
import { z } from 'zod';
import { readDocument, saveOf, type TrackDocument } from './document.js';
import type { Save, TrackStore } from './track-store.js';

/**
 * Keeps a Track's document in Redis and its copy in the state bucket of the bus, and publishes what a save has to publish
 * before the next save replaces it. The order is Redis, bucket, bus; the message that caused the save is acknowledged
 * after all three. A crash in between leaves a document that is not published yet: the next tracker that loads it
 * publishes it.
 *
 * The last document of each Track stays in memory, so that a step need not read and parse it. That is safe because every
 * step ends with a compare-and-set on the id of the save: a document that another tracker has replaced, or that Redis
 * has lost, is noticed there and loaded again.
 */
export interface TrackKeeper {
  /** The document in memory, or else `reload`. It may be older than the stored one; `save` and `postpone` notice that. */
  load(track: string): Promise<TrackDocument | undefined>;
  /** The document in memory if it is the stored one, or else `reload`. */
  current(track: string): Promise<TrackDocument | undefined>;
  /** Reads both copies, restores Redis if it is behind the bucket, and publishes what was saved but not published. */
  reload(track: string): Promise<TrackDocument | undefined>;
  /** False if another tracker saved in between: load and decide again. Throws `OtherTracks` as the store does. */
  save(save: Save): Promise<boolean>;
  /** Sets the timer of the Track. False, or `OtherTracks`, as for `save`. */
  postpone(track: string, expected: string, dueAt: number | undefined): Promise<boolean>;
  hasEnded(track: string, ticket: string): Promise<boolean>;
  /** The Tracks of which the state bucket has a document. */
  stored(): Promise<string[]>;
  /** Drops the documents in memory: Redis or the streams were away, and may have lost something. */
  distrust(): void;
}

export function keepTracks(
  store: TrackStore,
  bus: Pick<Bus, 'publish' | 'state'>,
  onRestore: (track: string) => void,
): TrackKeeper {
  /** By Track, the last document that this process knows to be stored and published. */
  const known = new Map<string, TrackDocument>();
  const bucket = copiesIn(bus.state);

  const publish = async (document: TrackDocument, text = JSON.stringify(document)): Promise<void> => {
    const { state, outbox } = document;
    await bucket.copyDocument(document, text);
    await Promise.all([
      ...outbox.tickets.map((ticket) => bucket.copyTicket(state.track, ticket, document.version)),
      ...outbox.events.map((event) => bus.publish(event)),
    ]);
    known.set(state.track, document);
  };

  const reload = async (track: string): Promise<TrackDocument | undefined> => {
    const published = known.get(track);
    known.delete(track);
    const [stored, copy] = await Promise.all([store.load(track), bucket.read(track)]);
    let newest = stored;
    // Redis is written first, so it lacks the copy only if it was wiped, evicted or rolled back.
    if (copy && !(stored && isSuccessor(stored, copy))) {
      // Due at once, so that the next step sets the timer. If another tracker is faster, it restores the same document.
      if (await store.restore(copy, saveOf(stored))) onRestore(track);
      newest = copy;
    }
    if (!newest) return undefined;
    // If a copy was made and is missing, the bucket was wiped.
    if (!copy || saveOf(published) !== saveOf(newest)) await publish(newest);
    known.set(track, newest);
    return newest;
  };

  return {
    reload,
    load: async (track) => known.get(track) ?? reload(track),
    async current(track) {
      const held = known.get(track);
      if (held && (await store.storedSave(track)) === saveOf(held)) return held;
      return reload(track);
    },
    async save(save) {
      const { track } = save.document.state;
      // Until it is published, the next step loads the document again.
      known.delete(track);
      const text = JSON.stringify(save.document);
      if (!(await store.save({ ...save, text }))) return false;
      await publish(save.document, text);
      return true;
    },
    async postpone(track, expected, dueAt) {
      if (await store.postpone(track, expected, dueAt)) return true;
      known.delete(track);
      return false;
    },
    async hasEnded(track, ticket) {
      if (await store.hasEnded(track, ticket)) return true;
      // Redis may have been wiped since; the bucket keeps the Ticket as it ended.
      return bucket.hasEnded(track, ticket);
    },
    stored: () => bucket.tracks(),
    distrust: () => known.clear(),
  };
}

/**
 * Whether the document is the copy, or was made from it. After a failover of Redis it may be neither, though its version is
 * as high: another tracker saved on an older one, and nothing of that save was published.
 */
function isSuccessor(document: TrackDocument, copy: TrackDocument): boolean {
  if (document.saves.includes(saveOf(copy))) return true;
  // So far ahead that it has forgotten the save of the copy: the bucket was rolled back, or another server of NATS is behind.
  return document.version - copy.version >= document.saves.length;
}

const versioned = z.looseObject({ version: z.int() });
const stateOf = z.looseObject({ state: ticketState });

/** Two trackers have saved on the same version: a failover of Redis has lost the save of one of them. */
export class LostSave extends Error {
  override readonly name = 'LostSave';
  readonly code = 'LOST';
}

/** The copies in the state bucket. Remembers the revision of each key, so that a copy mostly costs one request. */
function copiesIn(bucket: Bus['state']) {
  const revisions = new Map<string, number>();

  const replaceUnless = async (key: string, value: string, isThere: (found: string) => boolean): Promise<void> => {
    const remembered = revisions.get(key);
    revisions.delete(key);
    let expected = remembered;
    for (;;) {
      if (expected !== undefined) {
        const revision = await bucket.replace(key, value, expected);
        if (revision !== undefined) {
          revisions.set(key, revision);
          return;
        }
      }
      const found = await bucket.get(key);
      if (found && isThere(found.value)) return;
      expected = found?.revision ?? 0;
    }
  };

  return {
    async tracks(): Promise<string[]> {
      const prefix = stateKey.track('');
      return (await bucket.keys(`${prefix}>`)).map((key) => key.slice(prefix.length));
    },

    async read(track: string): Promise<TrackDocument | undefined> {
      const key = stateKey.track(track);
      const copy = await bucket.get(key);
      if (!copy) revisions.delete(key);
      return copy && readDocument(copy.value, `the key ${key} of the state bucket`);
    },

    /**
     * Copies the document unless the bucket already has it or a successor. Throws {@link LostSave} if the document in the
     * bucket is not a successor of this save: nothing of the save may be published, and the input must be decided again.
     */
    copyDocument(document: TrackDocument, text: string): Promise<void> {
      const key = stateKey.track(document.state.track);
      return replaceUnless(key, text, (value) => {
        const found = readDocument(value, `the key ${key} of the state bucket`);
        if (found.version < document.version) return false;
        if (found.saves.includes(saveOf(document))) return true;
        throw new LostSave(
          `${key}: version ${document.version} was saved by another tracker after Redis had lost ours`,
        );
      });
    },

    async copyTicket(
      track: string,
      ticket: TrackDocument['outbox']['tickets'][number],
      version: number,
    ): Promise<void> {
      const key = stateKey.ticket(track, ticket.id);
      const isNewer = (found: string) => versioned.parse(JSON.parse(found)).version >= version;
      await replaceUnless(key, JSON.stringify({ ...ticket, version }), isNewer);
      // An ended Ticket is not written again.
      if (isOver(ticket.state)) {
        revisions.delete(key);
      }
    },

    async hasEnded(track: string, ticket: string): Promise<boolean> {
      const found = await bucket.get(stateKey.ticket(track, ticket));
      if (!found) return false;
      const { state } = stateOf.parse(JSON.parse(found.value));
      return isOver(state);
    },
  };
}
