import type { Bus } from '@k8sta/bus';
import { applicationKey, type DataOf } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import type { Railway } from './railway.js';
import { isRidden } from './ride/members.js';
import type { TrackState } from './ride/state.js';

/**
 * Brings every Track up to date: tells what was saved but not told, restores what Redis lost, and reads the last
 * observation of Applications that a tracks file names newly, whose messages the durable has long passed.
 */
export async function catchUp(bus: Bus, railway: Railway, instances: readonly string[]): Promise<void> {
  for (const track of railway.tracks) {
    const state = await railway.state(track);
    for (const instance of instances) {
      for (const data of await lastObservations(bus, track, state, instance)) {
        await railway.take(track, { type: 'observed', data });
      }
    }
    await railway.take(track, { type: 'tick' });
  }
}

/** Of the Applications that are there, that the Track names or selects, and that it has never seen. */
async function lastObservations(
  bus: Pick<Bus, 'last' | 'stored'>,
  track: Track,
  state: TrackState,
  instance: string,
): Promise<DataOf<'application.observed'>[]> {
  const isSelecting = track.stations.some(({ matchLabels }) => matchLabels);
  // No label can be asked for: where one is selected by, all are read.
  const candidates = isSelecting
    ? await bus.stored('application.observed', { instance })
    : track.stations.flatMap((station) => station.applications);
  const found: DataOf<'application.observed'>[] = [];
  for (const { namespace = '', name = '' } of candidates) {
    if (state.sightings[applicationKey({ namespace, name })]) continue;
    const observed = await bus.last('application.observed', { instance, namespace, name });
    if (!observed || !isRidden(track, state, observed.data)) continue;
    const gone = await bus.last('application.gone', { instance, namespace, name });
    const isGone = gone?.data.uid === observed.data.uid && gone.sequence > observed.sequence;
    if (!isGone) found.push(observed.data);
  }
  return found;
}
