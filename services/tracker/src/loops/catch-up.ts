import { isRelevant } from '@k8sta/applications';
import type { Bus, Log } from '@k8sta/bus';
import { type ApplicationRef, applicationKey, type DataOf, isGone } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import { atOnce } from '../at-once.js';
import type { Engine } from '../engine.js';
import type { Input, InputOf } from '../ride/event.js';
import type { TrackState } from '../ride/state.js';
import type { SourceDirectory } from '../store/source-directory.js';

/** How many Tracks are brought up to date at a time. */
const parallel = 32;

/**
 * Brings every Track up to date: publishes what was saved but not published, restores what Redis lost, and reads the last
 * observations of Applications that are new to a Track, because the durable has already passed their messages. After a
 * change of the tracks files it reads those of all Applications: a tracker with other files ignored what it did not need.
 */
export async function catchUp(
  bus: Bus,
  engine: Engine,
  instances: readonly string[],
  { isChange }: { readonly isChange: boolean } = { isChange: false },
): Promise<void> {
  const selectable = candidatesOf(bus);
  await atOnce(parallel, engine.tracks, async (track) => {
    const state = await engine.state(track);
    const isNew = (key: string) => isChange || !state.observations[key];
    for (const instance of instances) {
      for (const input of await newObservations(bus, track, state, instance, selectable, isNew)) {
        await engine.take(track, input);
      }
    }
    await engine.take(track, { type: 'tick' });
  });
}

/** Ends the Tickets of the Tracks that were removed from the tracks files, and follows those whose commit is requested. */
export async function endRemoved(
  engine: Pick<Engine, 'removed' | 'state' | 'take'>,
  log: Pick<Log, 'warn'>,
): Promise<void> {
  await atOnce(parallel, await engine.removed(), async (track) => {
    const tickets = Object.keys((await engine.state(track)).tickets);
    if (tickets.length === 0) return;
    log.warn({ track: track.name, tickets: tickets.length }, 'Track is no longer in the tracks files, its Tickets end');
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

/** The last observations of the Applications that the Track names or selects and that are new to it. */
async function newObservations(
  bus: Pick<Bus, 'last'>,
  track: Track,
  state: TrackState,
  instance: string,
  selectable: Candidates,
  isNew: (key: string) => boolean,
): Promise<Input[]> {
  const isSelecting = track.stations.some(({ matchLabels }) => matchLabels);
  const candidates = isSelecting
    ? await selectable(instance)
    : track.stations.flatMap((station) => station.applications);
  const isWanted = (data: DataOf<'application.observed'>) => isRelevant(track, state.observations, data);
  const found: Input[] = [];
  for (const { namespace, name } of candidates) {
    const key = applicationKey({ namespace, name });
    if (!isNew(key)) continue;
    const last = await lastObservation(bus, instance, namespace, name, isWanted);
    // That an Application is gone matters only to a Track that knows it.
    if (last?.type === 'observed' || (last && state.observations[key])) found.push(last);
  }
  return found;
}

type LastObservation = InputOf<'observed' | 'gone'>;

/** The last observation of the Application, or that it is gone since; undefined if the Track does not need it. */
async function lastObservation(
  bus: Pick<Bus, 'last'>,
  instance: string,
  namespace: string,
  name: string,
  isWanted: (data: DataOf<'application.observed'>) => boolean = () => true,
): Promise<LastObservation | undefined> {
  const observed = await bus.last('application.observed', { instance, namespace, name });
  if (!observed || !isWanted(observed.data)) return undefined;
  const gone = await bus.last('application.gone', { instance, namespace, name });
  return gone && isGone(observed, gone) ? { type: 'gone', data: gone.data } : { type: 'observed', data: observed.data };
}

/**
 * Fills the directory of sources from the last observations, if Redis has lost it or never had it. `isReturn`: Redis was away,
 * and after a failover it may have lost the last notes only, which nothing tells.
 */
export async function fillDirectory(
  bus: Pick<Bus, 'stored' | 'last'>,
  directory: Pick<SourceDirectory, 'isFilled' | 'filled' | 'note'>,
  instances: readonly string[],
  isReturn = false,
): Promise<void> {
  if (!isReturn && (await directory.isFilled())) return;
  for (const instance of instances) {
    const stored = await bus.stored('application.observed', { instance });
    await atOnce(parallel, stored, async ({ namespace, name }) => {
      const last = await lastObservation(bus, instance, namespace, name);
      if (last?.type === 'observed') await directory.note(last.data);
    });
  }
  await directory.filled();
}
