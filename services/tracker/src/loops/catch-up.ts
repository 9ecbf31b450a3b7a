import type { Bus } from '@k8sta/bus';
import { type ApplicationRef, applicationKey, type DataOf, isGone } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import type { Engine } from '../engine.js';
import { isRelevant } from '../ride/members.js';
import type { TrackState } from '../ride/state.js';
import type { SourceDirectory } from '../store/source-directory.js';

/** How many Tracks are brought up to date at a time. */
const atOnce = 32;

/**
 * Brings every Track up to date: publishes what was saved and not published, restores what Redis lost, and reads the last
 * observation of Applications that are new to a Track, whose messages the durable has long passed.
 */
export async function catchUp(bus: Bus, engine: Engine, instances: readonly string[]): Promise<void> {
  const selectable = candidatesOf(bus);
  const waiting = [...engine.tracks];
  const worker = async (): Promise<void> => {
    for (let track = waiting.shift(); track; track = waiting.shift()) {
      const state = await engine.state(track);
      for (const instance of instances) {
        for (const data of await newObservations(bus, track, state, instance, selectable)) {
          await engine.take(track, { type: 'observed', data });
        }
      }
      await engine.take(track, { type: 'tick' });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

type Candidates = (instance: string) => Promise<readonly ApplicationRef[]>;

/** No label can be asked for: a Track that selects by labels looks at every Application, which is listed once. */
function candidatesOf(bus: Pick<Bus, 'stored'>): Candidates {
  const listed = new Map<string, Promise<readonly ApplicationRef[]>>();
  return (instance) => {
    const known = listed.get(instance) ?? bus.stored('application.observed', { instance });
    listed.set(instance, known);
    return known;
  };
}

/** The last observations of Applications that exist, that the Track names or selects, and that it has never seen. */
async function newObservations(
  bus: Pick<Bus, 'last'>,
  track: Track,
  state: TrackState,
  instance: string,
  selectable: Candidates,
): Promise<DataOf<'application.observed'>[]> {
  const isSelecting = track.stations.some(({ matchLabels }) => matchLabels);
  const candidates = isSelecting
    ? await selectable(instance)
    : track.stations.flatMap((station) => station.applications);
  const found: DataOf<'application.observed'>[] = [];
  for (const { namespace, name } of candidates) {
    if (state.observations[applicationKey({ namespace, name })]) continue;
    const observed = await bus.last('application.observed', { instance, namespace, name });
    if (!observed || !isRelevant(track, state, observed.data)) continue;
    const gone = await bus.last('application.gone', { instance, namespace, name });
    if (!isGone(observed, gone)) found.push(observed.data);
  }
  return found;
}

/** Fills the directory of sources from the last observations, where Redis has lost it or never had it. */
export async function fillDirectory(
  bus: Pick<Bus, 'stored' | 'last'>,
  directory: Pick<SourceDirectory, 'isFilled' | 'filled' | 'note' | 'forget'>,
  instances: readonly string[],
): Promise<void> {
  if (await directory.isFilled()) return;
  for (const instance of instances) {
    const waiting = [...(await bus.stored('application.observed', { instance }))];
    const worker = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const { namespace = '', name = '' } = next;
        const observed = await bus.last('application.observed', { instance, namespace, name });
        if (!observed) continue;
        await directory.note(observed.data);
        const gone = await bus.last('application.gone', { instance, namespace, name });
        if (gone && gone.sequence > observed.sequence) await directory.forget(gone.data);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }
  await directory.filled();
}
