import { type Bus, type Consumption, done, later, never, type Outcome, type Received } from '@k8sta/bus';
import { applicationKey, type DataOf, type EventType, isGone, operatorWord } from '@k8sta/contracts';
import { formatIssues } from '@k8sta/text';
import { isJunction, type Track, whyNot, whyNotFrom } from '@k8sta/tracks';
import type { Engine } from './engine.js';
import { isOnTrack } from './projects.js';
import type { PassOn, TracksHandler } from './replicas/pass-on.js';
import type { AnswerWanted } from './replicas/wanted.js';
import { awaitedPart, isWanted } from './ride/awaited.js';
import type { Input } from './ride/event.js';
import type { TrackState } from './ride/state.js';
import { OtherTracks } from './store/current-tracks.js';
import type { SourceDirectory } from './store/source-directory.js';

/** How long to keep a message about a Track that is not in our tracks files, for a newer replica during a rollout. */
const unknownMs = 60 * 60 * 1000;

/** After how long a message comes again while other tracks files are current, in milliseconds. */
const otherTracksMs = 1_000;

/** From which age on an observation may be handled after the end of its Application, in milliseconds. */
const lateMs = 5_000;

export interface HandleOptions {
  readonly bus: Pick<Bus, 'consume' | 'last'>;
  readonly engine: Engine;
  readonly directory: Pick<SourceDirectory, 'note' | 'forget'>;
  readonly replicas: Pick<PassOn, 'toOwners'>;
  /** The Argo CD instances, or shards, that the Tracks use; messages of others are ignored. */
  readonly instances: readonly string[];
  readonly now: () => Date;
}

/** Consumes one type of event, and gives each to the owners of the Tracks that it concerns. */
type Consume = <Type extends EventType>(
  type: Type,
  concerned: (event: Received<Type>) => readonly string[],
  handle: TracksHandler<Type>,
) => Promise<void>;

type Surroundings = HandleOptions & { readonly consume: Consume };

/** Connects the bus to the engine, until stopped: each message becomes an input of the Tracks that it concerns. */
export async function handle(options: HandleOptions): Promise<Consumption> {
  const running: Consumption[] = [];
  const stop = async () => void (await Promise.all(running.map((each) => each.stop())));
  const consume: Consume = async (type, concerned, handle) => {
    running.push(await options.bus.consume(type, options.replicas.toOwners(type, concerned, handle)));
  };
  const surroundings = { ...options, consume };
  try {
    await takeTickets(surroundings);
    await takeApplications(surroundings);
    await takeElsewhere(surroundings);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

async function takeTickets({ consume, engine, now }: Surroundings): Promise<void> {
  const take = taking(engine);
  const ofTrack = ({ data }: { data: { track: string } }) => [data.track];
  const onTrack = async (name: string, time: Date, take: (track: Track) => Promise<Outcome>): Promise<Outcome> => {
    const track = await engine.track(name);
    return track ? take(track) : unknown(`the tracks files of this tracker hold no Track "${name}"`, time);
  };
  const unknown = (what: string, time: Date): Outcome => {
    const message = `${what}; give ingest and tracker the same ones`;
    return now().getTime() - time.getTime() < unknownMs ? later(30_000, message) : never('impossible', message);
  };

  await consume('ticket.opened', ofTrack, ({ data, sequence, time, traceparent }) =>
    onTrack(data.track, time, async (track) => {
      // A service that may open Tickets must not be able to get any image committed.
      const message = whyNotOpened(engine.tracks, track, data);
      if (message !== undefined && !(await engine.knows(track, data.ticket)))
        return unknown(`by the tracks files of this tracker it does not ride: ${message}`, time);
      const receivedAt = time.toISOString();
      return take([track], { type: 'open', data, sequence, receivedAt, ...(traceparent ? { traceparent } : {}) });
    }),
  );
  await consume('operator.word', ofTrack, ({ data, sequence, time, traceparent }) =>
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
  await consume('promotion.committed', ofTrack, ({ data, time }) =>
    onTrack(data.track, time, (track) => take([track], { type: 'committed', data })),
  );
  await consume('promotion.delayed', ofTrack, ({ data, time }) =>
    onTrack(data.track, time, (track) => take([track], { type: 'delayed', data })),
  );
  await consume('promotion.proposed', ofTrack, ({ data, time }) =>
    onTrack(data.track, time, (track) => take([track], { type: 'proposed', data })),
  );
  await consume('promotion.failed', ofTrack, ({ data, time }) =>
    onTrack(data.track, time, (track) => take([track], { type: 'failed', data })),
  );
}

async function takeApplications({ bus, consume, engine, directory, instances, now }: Surroundings): Promise<void> {
  const take = taking(engine);
  const byName = namedAmong(engine.tracks);
  const byApplication = tracksByApplication(engine.tracks);
  // This includes an Application that lost a label: only the Track's state knows what it had selected.
  const selecting = engine.tracks.filter(({ stations }) => stations.some(({ matchLabels }) => matchLabels));
  const isOurs = ({ instance }: { instance: string }) => instances.includes(instance);
  const concerned = ({ data }: { data: { instance: string; namespace: string; name: string } }): string[] => {
    if (!isOurs(data)) return [];
    return namesOf([...(byApplication.get(applicationKey(data)) ?? []), ...selecting]);
  };

  const takeGone = async (data: DataOf<'application.gone'>, tracks: readonly string[]) => {
    if (isOurs(data)) await directory.forget(data);
    return take(byName(tracks), { type: 'gone', data });
  };

  await consume('application.observed', concerned, async ({ data, sequence, time }, tracks) => {
    if (isOurs(data)) await directory.note(data);
    const outcome = await take(byName(tracks), { type: 'observed', data });
    if (outcome.is !== 'done' || !isOurs(data) || now().getTime() - time.getTime() < lateMs) return outcome;
    // Nobody knew the Application when its end was handled, for example after the tracker was away.
    const { instance, namespace, name } = data;
    const gone = await bus.last('application.gone', { instance, namespace, name });
    return gone && isGone({ data, sequence }, gone) ? takeGone(gone.data, tracks) : outcome;
  });
  await consume('application.gone', concerned, ({ data }, tracks) => takeGone(data, tracks));
  // Only the state of a Track knows whether it has an Application of the project, and its owner has it in memory.
  const perhaps = ({ data }: { data: { instance: string } }) => (isOurs(data) ? namesOf(engine.tracks) : []);
  await consume('project.observed', perhaps, async ({ data }, tracks) => {
    const among = byName(tracks);
    const isConcerned = await Promise.all(among.map(async (track) => isOnTrack(await engine.state(track), data)));
    return take(
      among.filter((_, at) => isConcerned[at]),
      { type: 'project', data },
    );
  });
}

/** Tracks wait for arrivals on others (`after`) and for the ends of the Tickets that their junctions opened. */
async function takeElsewhere({ consume, engine }: Surroundings): Promise<void> {
  const take = taking(engine);
  const byName = namedAmong(engine.tracks);
  const waitingFor =
    (names: (track: Track) => readonly string[]) =>
    ({ data }: { data: { track: string } }) =>
      namesOf(engine.tracks.filter((each) => names(each).includes(data.track)));
  const after = ({ stations }: Track) => stations.flatMap(({ gates }) => gates.after.map(({ track }) => track));
  const opened = ({ stations }: Track) => stations.flatMap(({ tracks }) => tracks);

  if (engine.tracks.some((track) => after(track).length > 0)) {
    await consume('ticket.arrived', waitingFor(after), ({ data: { track, ticket, station } }, tracks) =>
      take(byName(tracks), { type: 'elsewhere', track, ticket, station }),
    );
  }
  if (!engine.tracks.some(({ stations }) => stations.some(isJunction))) return;
  const ended = ({ data: { track, ticket } }: { data: { track: string; ticket: string } }, tracks: readonly string[]) =>
    take(byName(tracks), { type: 'elsewhere', track, ticket });
  await consume('ticket.completed', waitingFor(opened), ended);
  await consume('ticket.failed', waitingFor(opened), ended);
  await consume('ticket.superseded', waitingFor(opened), ended);
  await consume('ticket.cancelled', waitingFor(opened), ended);
}

function namesOf(tracks: readonly Track[]): string[] {
  return [...new Set(tracks.map(({ name }) => name))];
}

/** Finds the Tracks of these names. */
function namedAmong(tracks: readonly Track[]): (names: readonly string[]) => Track[] {
  const byName = new Map(tracks.map((track) => [track.name, track]));
  return (names) => names.flatMap((name) => byName.get(name) ?? []);
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
export function answerWanted(engine: Pick<Engine, 'track' | 'state'>): AnswerWanted {
  return async ({ track: name, ticket, promotion, part }) => {
    const track = await engine.track(name);
    if (!track) throw new Error(`the tracks files of this tracker hold no Track "${name}"`);
    const state = await engine.state(track);
    const awaited = awaitedPart(state, ticket, promotion, part);
    const issue = awaited ? { issue: awaited.request.issue } : {};
    if (isWanted(state, ticket, promotion, part)) return { wanted: true, ...issue };
    return { wanted: false, message: whyNotWanted(state, ticket), ...issue };
  };
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
