import { type Bus, done, later, never, type Outcome } from '@k8sta/bus';
import { applicationKey, promotionWanted } from '@k8sta/contracts';
import { type Track, whyNot } from '@k8sta/tracks';
import type { Railway } from './railway.js';
import { isAwaited, isKnown } from './ride/decide.js';
import type { Input } from './ride/event.js';

/** How long a message that the tracks files of this tracker do not know is kept for one whose files do, as in a rollout. */
const unknownMs = 60 * 60 * 1000;

export interface HandleOptions {
  readonly bus: Bus;
  readonly railway: Railway;
  /** The Argo CDs, or shards of one, that the Tracks ride on; what the others say is let pass. */
  readonly instances: readonly string[];
  readonly now: () => Date;
}

/** Connects the bus to the railway: each message becomes an input of the Tracks that it concerns. */
export async function handle(options: HandleOptions): Promise<void> {
  await takeTickets(options);
  await takeApplications(options);
  answerWanted(options);
}

async function takeTickets({ bus, railway, now }: HandleOptions): Promise<void> {
  const take = taking(railway);
  const onTrack = async (name: string, time: Date, take: (track: Track) => Promise<Outcome>): Promise<Outcome> => {
    const track = trackOf(railway, name);
    return track ? take(track) : unknown(`the tracks files of this tracker hold no Track "${name}"`, time);
  };
  const unknown = (what: string, time: Date): Outcome => {
    const message = `${what}; give ingest and tracker the same ones`;
    return now().getTime() - time.getTime() < unknownMs ? later(30_000, message) : never('impossible', message);
  };

  await bus.consume('ticket.opened', ({ data, sequence, time, traceparent }) =>
    onTrack(data.track, time, async (track) => {
      // Whoever may open Tickets must not be able to have any image committed.
      const message = whyNot(track, data.image.repository, data.image.tag);
      if (message !== undefined && !isKnown(await railway.state(track), data.ticket))
        return unknown(`by the tracks files of this tracker it does not ride: ${message}`, time);
      const receivedAt = time.toISOString();
      return take([track], { type: 'open', data, sequence, receivedAt, ...(traceparent ? { traceparent } : {}) });
    }),
  );
  await bus.consume('promotion.committed', ({ data, time }) =>
    onTrack(data.track, time, (track) => take([track], { type: 'committed', data })),
  );
  await bus.consume('promotion.delayed', ({ data, time }) =>
    onTrack(data.track, time, (track) => take([track], { type: 'delayed', data })),
  );
  await bus.consume('promotion.failed', ({ data, time }) =>
    onTrack(data.track, time, (track) => take([track], { type: 'failed', data })),
  );
}

async function takeApplications({ bus, railway, instances }: HandleOptions): Promise<void> {
  const take = taking(railway);
  const byApplication = tracksByApplication(railway.tracks);
  // Whom a label was taken off as well: only the Track's state knows whom it had selected.
  const selecting = railway.tracks.filter(({ stations }) => stations.some(({ matchLabels }) => matchLabels));
  const ours = ({ instance }: { instance: string }): readonly Track[] =>
    instances.includes(instance) ? railway.tracks : [];
  const concerned = (data: { instance: string; namespace: string; name: string }): Track[] => {
    const naming = byApplication.get(applicationKey(data)) ?? [];
    return ours(data).filter((track) => naming.includes(track) || selecting.includes(track));
  };

  await bus.consume('application.observed', ({ data }) => take(concerned(data), { type: 'observed', data }));
  await bus.consume('application.gone', ({ data }) => take(concerned(data), { type: 'gone', data }));
  await bus.consume('project.observed', ({ data }) => take(ours(data), { type: 'project', data }));
  await bus.consume('application.current', async ({ data, sequence }) => {
    // What the heartbeat vouches for may still be on its way to us: until it is here, ours is not that picture.
    const isOurs = await Promise.all([
      bus.hasHandled('application.observed', sequence),
      bus.hasHandled('application.gone', sequence),
    ]);
    if (isOurs.includes(false)) return later(1_000, 'not every observation before this heartbeat was handled yet');
    return take(ours(data), { type: 'current', data });
  });
}

function answerWanted({ bus, railway }: HandleOptions): void {
  bus.answer(promotionWanted, async ({ track: name, ticket, promotion, part }) => {
    const track = trackOf(railway, name);
    if (!track) throw new Error(`the tracks files of this tracker hold no Track "${name}"`);
    const state = await railway.state(track);
    if (isAwaited(state, ticket, promotion, part)) return { wanted: true };
    const stands = state.riders[ticket]?.ticket.state.is ?? 'not riding any more';
    return { wanted: false, message: `Ticket ${ticket} is ${stands}` };
  });
}

/** Gives an input to these Tracks; done once all have saved what follows and told it. */
function taking(railway: Railway): (tracks: readonly Track[], input: Input) => Promise<Outcome> {
  return async (tracks, input) => {
    await Promise.all(tracks.map((track) => railway.take(track, input)));
    return done;
  };
}

function trackOf({ tracks }: Railway, wanted: string): Track | undefined {
  return tracks.find(({ name }) => name === wanted);
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
