import type { Bus } from '@k8sta/bus';
import { stateKey } from '@k8sta/contracts';
import { z } from 'zod';
import { readDocument, type TrackDocument } from './document.js';
import type { TrackStore } from './track-store.js';

/**
 * Keeps a Track's document in Redis and its copy in the state bucket of the bus, and sees to it that what a save has to
 * tell is told before the next save replaces it. The order is Redis, bucket, bus; the message that caused the save is
 * acknowledged after all three. A crash in between leaves a document whose events have not been told yet: whoever loads
 * it next tells them.
 */
export interface TrackKeeper {
  /** The newest document; undefined for a Track that was never saved. Restores Redis where it is behind the bucket. */
  load(track: string): Promise<TrackDocument | undefined>;
  /** False when somebody else saved in between: load and decide again. */
  save(document: TrackDocument, expected: number, dueAt: number | undefined): Promise<boolean>;
}

export function keepTracks(
  store: TrackStore,
  bus: Pick<Bus, 'publish' | 'state'>,
  onRestore: (track: string) => void,
): TrackKeeper {
  /** By Track, the last version that this process knows to have been told. */
  const toldVersion = new Map<string, number>();

  const tell = async (document: TrackDocument): Promise<void> => {
    const { state, version, told } = document;
    await copyDocument(bus.state, document);
    await Promise.all([
      ...told.tickets.map((ticket) => {
        const key = stateKey.ticket(state.track, ticket.ticket);
        const isNewer = (found: string) => versioned.parse(JSON.parse(found)).version >= version;
        return replaceUnless(bus.state, key, JSON.stringify({ ...ticket, version }), isNewer);
      }),
      ...told.forgotten.map((ticket) => bus.state.remove(stateKey.ticket(state.track, ticket))),
      ...told.events.map((event) => bus.publish(event)),
    ]);
    toldVersion.set(state.track, version);
  };

  return {
    async load(track) {
      const key = stateKey.track(track);
      const [stored, copy] = await Promise.all([store.load(track), bus.state.get(key)]);
      let newest = stored;
      if (copy) {
        const copied = readDocument(copy.value, `the key ${key} of the state bucket`);
        // Redis is written first, so that it is behind only when it was wiped, evicted or rolled back.
        if (copied.version > (stored?.version ?? 0)) {
          // Due at once: what is due when is decided anew. Should another tracker be faster, its document is this one.
          if (await store.save(track, copied, stored?.version ?? 0, 0)) onRestore(track);
          newest = copied;
        }
      }
      // A copy that is missing, though this process made it, means that the bucket was wiped.
      if (newest && ((toldVersion.get(track) ?? 0) < newest.version || !copy)) await tell(newest);
      return newest;
    },
    async save(document, expected, dueAt) {
      if (!(await store.save(document.state.track, document, expected, dueAt))) return false;
      await tell(document);
      return true;
    },
  };
}

const versioned = z.looseObject({ version: z.int() });

/** Two trackers have saved on top of the same version: a failover of Redis has lost the save of one of them. */
export class LostSave extends Error {
  override readonly name = 'LostSave';
  readonly code = 'LOST';
}

/**
 * Copies the document unless the bucket has it already, or one that follows from it. Throws {@link LostSave} when what
 * the bucket has does not follow from this save: nothing of it may be told, and the input has to be decided again.
 */
async function copyDocument(bucket: Bus['state'], document: TrackDocument): Promise<void> {
  const key = stateKey.track(document.state.track);
  await replaceUnless(bucket, key, JSON.stringify(document), (value) => {
    const found = readDocument(value, `the key ${key} of the state bucket`);
    if (found.version < document.version) return false;
    const ours = document.saves.at(-1) ?? '';
    if (found.saves.includes(ours)) return true;
    throw new LostSave(`${key}: version ${document.version} was saved by another tracker after Redis had lost ours`);
  });
}

async function replaceUnless(
  bucket: Bus['state'],
  key: string,
  value: string,
  isThere: (found: string) => boolean,
): Promise<void> {
  for (;;) {
    const found = await bucket.get(key);
    if (found && isThere(found.value)) return;
    if ((await bucket.replace(key, value, found?.revision ?? 0)) !== undefined) return;
  }
}
