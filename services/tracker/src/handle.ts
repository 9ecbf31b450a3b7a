import { type Bus, type Consumption, done, later, never, type Outcome } from '@k8sta/bus';
import { applicationKey, type DataOf, operatorWord, promotionWanted } from '@k8sta/contracts';
import { formatIssues } from '@k8sta/text';
import { isJunction, type Track, whyNot, whyNotFrom } from '@k8sta/tracks';
import type { Engine } from './engine.js';
import { isOnTrack } from './projects.js';
import { awaitedPart, isWanted } from './ride/awaited.js';
import type { Input } from './ride/event.js';
import type { TrackState } from './ride/state.js';
import { OtherTracks } from './store/current-tracks.js';
import type { SourceDirectory } from './store/source-directory.js';

/** How long to keep a message about a Track that is not in our tracks files, for a newer replica during a rollout. */
const unknownMs = 60 * 60 * 1000;

/** After how long a message comes again while other tracks files are current, in milliseconds. */
const otherTracksMs = 1_000;

export interface HandleOptions {
  readonly bus: Pick<Bus, 'consume'>;
  readonly engine: Engine;
  readonly directory: Pick<SourceDirectory, 'note' | 'forget'>;
  /** The Argo CD instances, or shards, that the Tracks use; messages of others are ignored. */
  readonly instances: readonly string[];
  readonly now: () => Date;
}

/** Connects the bus to the engine, until stopped: each message becomes an input of the Tracks that it concerns. */
export async function handle(options: HandleOptions): Promise<Consumption> {
  const running: Consumption[] = [];
  const stop = async () => void (await Promise.all(running.map((each) => each.stop())));
  const consume: Bus['consume'] = async (...wanted) => {
    const consumption = await options.bus.consume(...wanted);
    running.push(consumption);
    return consumption;
  };
  const collecting = { ...options, bus: { consume } };
  try {
    await takeTickets(collecting);
    await takeApplications(collecting);
    await takeElsewhere(collecting);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

async function takeTickets({ bus, engine, now }: HandleOptions): Promise<void> {
  const take = taking(engine);
  const onTrack = async (name: string, time: Date, take: (track: Track) => Promise<Outcome>): Promise<Outcome> => {
    const track = await engine.track(name);
    return track ? take(track) : unknown(`the tracks files of this tracker hold no Track "${name}"`, time);
  };
  const unknown = (what: string, time: Date): Outcome => {
    const message = `${what}; give ingest and tracker the same ones`;
    return now().getTime() - time.getTime() < unknownMs ? later(30_000, message) : never('impossible', message);
  };

  await bus.consume('ticket.opened', ({ data, sequence, time, traceparent }) =>
    onTrack(data.track, time, async (track) => {
      // A service that may open Tickets must not be able to get any image committed.
      const message = whyNotOpened(engine.tracks, track, data);
      if (message !== undefined && !(await engine.knows(track, data.ticket)))
        return unknown(`by the tracks files of this tracker it does not ride: ${message}`, time);
      const receivedAt = time.toISOString();
      return take([track], { type: 'open', data, sequence, receivedAt, ...(traceparent ? { traceparent } : {}) });
    }),
  );
  await bus.consume('operator.word', ({ data, sequence, time, traceparent }) =>
    onTrack(data.track, time, async (track) => {
      const word = operatorWord.safeParse(data);
      if (!word.success)
        return never('invalid', `the word "${data.verb}" is not complete: ${formatIssues(word.error)}`);
      const receivedAt = time.toISOString();
      return take([track], {
        type: 'word',
        data: word.data,
        sequence,
        receivedAt,
        ...(traceparent ? { traceparent } : {}),
      });
    }),
  );
  await bus.consume('promotion.committed', ({ data, time }) =>
    onTrack(data.track, time, (track) => take([track], { type: 'committed', data })),
  );
  await bus.consume('promotion.delayed', ({ data, time }) =>
    onTrack(data.track, time, (track) => take([track], { type: 'delayed', data })),
  );
  await bus.consume('promotion.proposed', ({ data, time }) =>
    onTrack(data.track, time, (track) => take([track], { type: 'proposed', data })),
  );
  await bus.consume('promotion.failed', ({ data, time }) =>
    onTrack(data.track, time, (track) => take([track], { type: 'failed', data })),
  );
}

async function takeApplications({ bus, engine, directory, instances }: HandleOptions): Promise<void> {
  const take = taking(engine);
  const byApplication = tracksByApplication(engine.tracks);
  // This includes an Application that lost a label: only the Track's state knows what it had selected.
  const selecting = engine.tracks.filter(({ stations }) => stations.some(({ matchLabels }) => matchLabels));
  const ours = ({ instance }: { instance: string }): readonly Track[] =>
    instances.includes(instance) ? engine.tracks : [];
  const concerned = (data: { instance: string; namespace: string; name: string }): Track[] => {
    const naming = byApplication.get(applicationKey(data)) ?? [];
    return ours(data).filter((track) => naming.includes(track) || selecting.includes(track));
  };

  const isOurs = ({ instance }: { instance: string }) => instances.includes(instance);
  await bus.consume('application.observed', async ({ data }) => {
    if (isOurs(data)) await directory.note(data);
    return take(concerned(data), { type: 'observed', data });
  });
  await bus.consume('application.gone', async ({ data }) => {
    if (isOurs(data)) await directory.forget(data);
    return take(concerned(data), { type: 'gone', data });
  });
  await bus.consume('project.observed', async ({ data }) => {
    const isConcerned = await Promise.all(ours(data).map(async (track) => isOnTrack(await engine.state(track), data)));
    return take(
      ours(data).filter((_, at) => isConcerned[at]),
      { type: 'project', data },
    );
  });
}

/** Tracks wait for arrivals on others (`after`) and for the ends of the Tickets that their junctions opened. */
async function takeElsewhere({ bus, engine }: HandleOptions): Promise<void> {
  const take = taking(engine);
  const waitingFor = (names: (track: Track) => readonly string[], track: string) =>
    engine.tracks.filter((each) => names(each).includes(track));
  const after = ({ stations }: Track) => stations.flatMap(({ gates }) => gates.after.map(({ track }) => track));
  const opened = ({ stations }: Track) => stations.flatMap(({ tracks }) => tracks);

  if (engine.tracks.some((track) => after(track).length > 0)) {
    await bus.consume('ticket.arrived', ({ data: { track, ticket, station } }) =>
      take(waitingFor(after, track), { type: 'elsewhere', track, ticket, station }),
    );
  }
  if (!engine.tracks.some(({ stations }) => stations.some(isJunction))) return;
  const ended = ({ data: { track, ticket } }: { data: { track: string; ticket: string } }) =>
    take(waitingFor(opened, track), { type: 'elsewhere', track, ticket });
  await bus.consume('ticket.completed', ended);
  await bus.consume('ticket.failed', ended);
  await bus.consume('ticket.superseded', ended);
  await bus.consume('ticket.cancelled', ended);
}

/** Why the tracks files do not let the Ticket open; undefined if they do. */
function whyNotOpened(
  tracks: readonly Track[],
  track: Track,
  { image: { repository, tag }, parent }: DataOf<'ticket.opened'>,
): string | undefined {
  if (!tracks.includes(track)) return `${track.name}: the Track was removed`;
  return parent ? whyNotFrom(tracks, parent, track.name, repository, tag) : whyNot(track, repository, tag);
}

/** Answers by the stored state alone, so that every tracker gives the same answer, whatever its tracks files are. */
export function answerWanted(bus: Pick<Bus, 'answer'>, engine: Pick<Engine, 'track' | 'state'>): void {
  bus.answer(promotionWanted, async ({ track: name, ticket, promotion, part }) => {
    const track = await engine.track(name);
    if (!track) throw new Error(`the tracks files of this tracker hold no Track "${name}"`);
    const state = await engine.state(track);
    const awaited = awaitedPart(state, ticket, promotion, part);
    const issue = awaited ? { issue: awaited.request.issue } : {};
    if (isWanted(state, ticket, promotion, part)) return { wanted: true, ...issue };
    return { wanted: false, message: whyNotWanted(state, ticket), ...issue };
  });
}

/** For people: the promoter writes it under the pull request that it closes. */
function whyNotWanted({ tickets }: TrackState, ticket: string): string {
  const live = tickets[ticket];
  return live?.ending?.message ?? `Ticket ${ticket} is ${live?.ticket.state.is ?? 'no longer on the Track'}`;
}

/**
 * Gives an input to these Tracks; done once all have saved and published the result. While other tracks files are current,
 * the message is handed back, also if it concerns none of our Tracks: it may concern one of theirs.
 */
function taking(engine: Engine): (tracks: readonly Track[], input: Input) => Promise<Outcome> {
  const handBack = later(otherTracksMs, 'the tracks files of this tracker are not current');
  return async (tracks, input) => {
    if (tracks.length === 0 && !(await engine.isCurrent())) return handBack;
    try {
      await Promise.all(tracks.map((track) => engine.take(track, input)));
    } catch (error) {
      if (error instanceof OtherTracks) return handBack;
      throw error;
    }
    return done;
  };
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
