import { type Bus, done, later, never, type Outcome } from '@k8sta/bus';
import { applicationKey, type DataOf, promotionWanted } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import type { Railway } from './railway.js';
import { isAwaited } from './ride/decide.js';
import { isRidden } from './ride/members.js';
import type { TrackState } from './ride/state.js';

/** How long a message for a Track that this tracker does not know is kept for one that does, as in a rollout. */
const unknownTrackMs = 60 * 60 * 1000;

/** Connects the bus to the railway: each message becomes an input of the Tracks that it concerns. */
export async function handle(bus: Bus, railway: Railway, now: () => Date): Promise<void> {
  const byName = new Map(railway.tracks.map((track) => [track.name, track]));
  const byApplication = tracksByApplication(railway.tracks);
  // Whom a label was taken off as well: only the Track's state knows whom it had selected.
  const selecting = railway.tracks.filter(({ stations }) => stations.some(({ matchLabels }) => matchLabels));

  const onTrack = async (name: string, time: Date, take: (track: Track) => Promise<void>): Promise<Outcome> => {
    const track = byName.get(name);
    if (track) {
      await take(track);
      return done;
    }
    const reason = `the tracks files of this tracker hold no Track "${name}"; give ingest and tracker the same ones`;
    const waited = now().getTime() - time.getTime();
    return waited < unknownTrackMs ? later(30_000, reason) : never('impossible', reason);
  };
  const onApplication = async (
    data: { namespace: string; name: string },
    take: (track: Track) => Promise<void>,
  ): Promise<Outcome> => {
    const naming = byApplication.get(applicationKey(data)) ?? [];
    await Promise.all([...new Set([...naming, ...selecting])].map(take));
    return done;
  };

  await bus.consume('ticket.opened', ({ data, sequence, time, traceparent }) =>
    onTrack(data.track, time, (track) => {
      const receivedAt = time.toISOString();
      return railway.take(track, { type: 'open', data, sequence, receivedAt, ...(traceparent ? { traceparent } : {}) });
    }),
  );
  await bus.consume('promotion.committed', ({ data, time }) =>
    onTrack(data.track, time, (track) => railway.take(track, { type: 'committed', data })),
  );
  await bus.consume('promotion.delayed', ({ data, time }) =>
    onTrack(data.track, time, (track) => railway.take(track, { type: 'delayed', data })),
  );
  await bus.consume('promotion.failed', ({ data, time }) =>
    onTrack(data.track, time, (track) => railway.take(track, { type: 'failed', data })),
  );
  await bus.consume('application.observed', ({ data }) =>
    onApplication(data, (track) => railway.take(track, { type: 'observed', data })),
  );
  await bus.consume('application.gone', ({ data }) =>
    onApplication(data, (track) => railway.take(track, { type: 'gone', data })),
  );
  await bus.consume('project.observed', async ({ data }) => {
    await Promise.all(railway.tracks.map((track) => railway.take(track, { type: 'project', data })));
    return done;
  });
  await bus.consume('application.current', async ({ data, sequence }) => {
    // What the heartbeat vouches for may still be on its way to us: until it is here, ours is not that picture.
    const isOurs = await Promise.all([
      bus.hasHandled('application.observed', sequence),
      bus.hasHandled('application.gone', sequence),
    ]);
    if (isOurs.includes(false)) return later(1_000, 'not every observation before this heartbeat was handled yet');
    await Promise.all(railway.tracks.map((track) => railway.take(track, { type: 'current', data })));
    return done;
  });
  bus.answer(promotionWanted, async ({ track: name, ticket, promotion, part }) => {
    const track = byName.get(name);
    if (!track) throw new Error(`the tracks files of this tracker hold no Track "${name}"`);
    const state = await railway.state(track);
    if (isAwaited(state, ticket, promotion, part)) return { wanted: true };
    const stands = state.riders[ticket]?.ticket.state.is ?? 'not riding any more';
    return { wanted: false, reason: `Ticket ${ticket} is ${stands}` };
  });
}

/**
 * Brings every Track up to date: tells what was saved but not told, restores what Redis lost, and reads the last
 * observation of Applications that a tracks file names newly, whose messages this durable has long passed.
 */
export async function catchUp(bus: Bus, railway: Railway, instance: string): Promise<void> {
  for (const track of railway.tracks) {
    const state = await railway.state(track);
    for (const data of await lastObservations(bus, track, state, instance)) {
      await railway.take(track, { type: 'observed', data });
    }
    await railway.take(track, { type: 'tick' });
  }
}

/** Of the Applications that the Track names or selects, and has never seen. */
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
    if (observed && isRidden(track, state, observed.data)) found.push(observed.data);
  }
  return found;
}

function tracksByApplication(tracks: readonly Track[]): Map<string, Track[]> {
  const found = new Map<string, Track[]>();
  for (const track of tracks) {
    for (const application of track.stations.flatMap((station) => station.applications)) {
      const key = applicationKey(application);
      found.set(key, [...new Set([...(found.get(key) ?? []), track])]);
    }
  }
  return found;
}
