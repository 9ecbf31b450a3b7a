import { type Bus, done, later, never, type Outcome } from '@k8sta/bus';
import { applicationKey, operatorWord, promotionWanted } from '@k8sta/contracts';
import { formatIssues } from '@k8sta/text';
import { isJunction, type Track, whyNot, whyNotFrom } from '@k8sta/tracks';
import type { Engine } from './engine.js';
import { isOnTrack } from './projects.js';
import type { Input } from './ride/event.js';
import { isWanted } from './ride/take.js';
import type { SourceDirectory } from './store/source-directory.js';

/** How long to keep a message about a Track that is not in our tracks files, for a newer replica during a rollout. */
const unknownMs = 60 * 60 * 1000;

export interface HandleOptions {
  readonly bus: Bus;
  readonly engine: Engine;
  readonly directory: Pick<SourceDirectory, 'note' | 'forget'>;
  /** The Argo CD instances, or shards, that the Tracks use; messages of others are ignored. */
  readonly instances: readonly string[];
  readonly now: () => Date;
}

/** Connects the bus to the engine: each message becomes an input of the Tracks that it concerns. */
export async function handle(options: HandleOptions): Promise<void> {
  await takeTickets(options);
  await takeApplications(options);
  await takeElsewhere(options);
  answerWanted(options);
}

async function takeTickets({ bus, engine, now }: HandleOptions): Promise<void> {
  const take = taking(engine);
  const onTrack = async (name: string, time: Date, take: (track: Track) => Promise<Outcome>): Promise<Outcome> => {
    const track = trackOf(engine, name);
    return track ? take(track) : unknown(`the tracks files of this tracker hold no Track "${name}"`, time);
  };
  const unknown = (what: string, time: Date): Outcome => {
    const message = `${what}; give ingest and tracker the same ones`;
    return now().getTime() - time.getTime() < unknownMs ? later(30_000, message) : never('impossible', message);
  };

  await bus.consume('ticket.opened', ({ data, sequence, time, traceparent }) =>
    onTrack(data.track, time, async (track) => {
      // A service that may open Tickets must not be able to get any image committed.
      const { repository, tag } = data.image;
      const message = data.parent
        ? whyNotFrom(engine.tracks, data.parent, track.name, repository, tag)
        : whyNot(track, repository, tag);
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
  for (const type of ['ticket.completed', 'ticket.failed', 'ticket.superseded', 'ticket.cancelled'] as const) {
    await bus.consume(type, ({ data: { track, ticket } }) =>
      take(waitingFor(opened, track), { type: 'elsewhere', track, ticket }),
    );
  }
}

function answerWanted({ bus, engine }: HandleOptions): void {
  bus.answer(promotionWanted, async ({ track: name, ticket, promotion, part }) => {
    const track = trackOf(engine, name);
    if (!track) throw new Error(`the tracks files of this tracker hold no Track "${name}"`);
    const state = await engine.state(track);
    if (isWanted(state, ticket, promotion, part)) return { wanted: true };
    const now = state.tickets[ticket]?.ticket.state.is ?? 'no longer on the Track';
    return { wanted: false, message: `Ticket ${ticket} is ${now}` };
  });
}

/** Gives an input to these Tracks; done once all have saved and published the result. */
function taking(engine: Engine): (tracks: readonly Track[], input: Input) => Promise<Outcome> {
  return async (tracks, input) => {
    await Promise.all(tracks.map((track) => engine.take(track, input)));
    return done;
  };
}

function trackOf({ tracks }: Engine, wanted: string): Track | undefined {
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
