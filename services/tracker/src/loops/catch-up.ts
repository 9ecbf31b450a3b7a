import { isRelevant } from '@k8sta/applications';
import type { Bus } from '@k8sta/bus';
import { type ApplicationRef, applicationKey, type DataOf, isGone } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import { atOnce } from '../at-once.js';
import type { Engine } from '../engine.js';
import type { TrackState } from '../ride/state.js';
import type { SourceDirectory } from '../store/source-directory.js';

/** How many Tracks are brought up to date at a time. */
const parallel = 32;

/**
 * Brings every Track up to date: publishes what was saved but not published, restores what Redis lost, and reads the last
 * observations of Applications that are new to a Track, because the durable has already passed their messages.
 */
export async function catchUp(bus: Bus, engine: Engine, instances: readonly string[]): Promise<void> {
  const selectable = candidatesOf(bus);
  await atOnce(parallel, engine.tracks, async (track) => {
    const state = await engine.state(track);
    for (const instance of instances) {
      for (const data of await newObservations(bus, track, state, instance, selectable)) {
        await engine.take(track, { type: 'observed', data });
      }
    }
    await engine.take(track, { type: 'tick' });
  });
}

type Candidates = (instance: string) => Promise<readonly ApplicationRef[]>;

/** The bus cannot select by label: a Track that selects by labels looks at every Application, and they are listed once. */
function candidatesOf(bus: Pick<Bus, 'stored'>): Candidates {
  const listed = new Map<string, Promise<readonly ApplicationRef[]>>();
  return (instance) => {
    const known = listed.get(instance) ?? bus.stored('application.observed', { instance });
    listed.set(instance, known);
    return known;
  };
}

/** The last observations of existing Applications that the Track names or selects and has never seen. */
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
    const isWanted = (data: DataOf<'application.observed'>) => isRelevant(track, state.observations, data);
    const observed = await lastObservation(bus, instance, namespace, name, isWanted);
    if (observed) found.push(observed);
  }
  return found;
}

/** The last observation of the Application; undefined if the Track does not need it, or if the Application is gone. */
async function lastObservation(
  bus: Pick<Bus, 'last'>,
  instance: string,
  namespace: string,
  name: string,
  isWanted: (data: DataOf<'application.observed'>) => boolean = () => true,
): Promise<DataOf<'application.observed'> | undefined> {
  const observed = await bus.last('application.observed', { instance, namespace, name });
  if (!observed || !isWanted(observed.data)) return undefined;
  const gone = await bus.last('application.gone', { instance, namespace, name });
  return isGone(observed, gone) ? undefined : observed.data;
}

/** Fills the directory of sources from the last observations, if Redis has lost it or never had it. */
export async function fillDirectory(
  bus: Pick<Bus, 'stored' | 'last'>,
  directory: Pick<SourceDirectory, 'isFilled' | 'filled' | 'note'>,
  instances: readonly string[],
): Promise<void> {
  if (await directory.isFilled()) return;
  for (const instance of instances) {
    const stored = await bus.stored('application.observed', { instance });
    await atOnce(parallel, stored, async ({ namespace, name }) => {
      const observed = await lastObservation(bus, instance, namespace, name);
      if (observed) await directory.note(observed);
    });
  }
  await directory.filled();
}
