import type { Bus, Log } from '@k8sta/bus';
import type { BusEvent, TicketState } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import pLimit, { type LimitFunction } from 'p-limit';
import { lookups } from './elsewhere.js';
import type { Freshness } from './freshness.js';
import type { Metrics } from './metrics.js';
import { measure } from './projections/measure.js';
import { publish } from './projections/publish.js';
import { joinedProjects } from './projects.js';
import { questionsTo } from './questions-to-promoter.js';
import type { Owners } from './replicas/owner.js';
import { type Change, type Decision, decide } from './ride/decide.js';
import type { Input } from './ride/event.js';
import type { Moment, Policy } from './ride/policy.js';
import type { RelationQuestion } from './ride/questions.js';
import { emptyTrack, type TrackState } from './ride/state.js';
import { opensTicket } from './ride/words.js';
import { type CurrentTracks, ignoreOtherTracks } from './store/current-tracks.js';
import { format, newSaveId, nextSaves, saveOf, type TrackDocument } from './store/document.js';
import type { SourceDirectory, Sources } from './store/source-directory.js';
import type { TrackKeeper } from './store/track-keeper.js';

/** Moves the Tickets: loads a Track, decides, saves and publishes. */
export interface Engine {
  /** Those of the tracks files. */
  readonly tracks: readonly Track[];
  /** The Track of that name: of the tracks files, or one without Stations if only a stored document has it. */
  track(name: string): Promise<Track | undefined>;
  /** The Tracks that were removed from the tracks files and that have a stored document. */
  removed(): Promise<readonly Track[]>;
  /** Whether the tracks files of this tracker are current now, so that it may decide. */
  isCurrent(): Promise<boolean>;
  /**
   * Decides what follows from the input; resolves once it is saved and published. Throws `OtherTracks` while other tracks
   * files are current.
   */
  take(track: Track, input: Input): Promise<void>;
  /** The state as it is stored now. */
  state(track: Track): Promise<TrackState>;
  /** Whether the Ticket is on the Track, or has ended there. */
  knows(track: Track, ticket: string): Promise<boolean>;
  /**
   * The Tracks with an input that this replica could not take to its end since their last step, or with a look at another Track
   * that failed. A message comes again; an answer, a timer and a look do not: a tick publishes what is saved, and asks again.
   */
  unfinished(): readonly Track[];
  /** Whether a Ticket was on its way on a Track of this replica when it last looked. */
  isBusy(): boolean;
  /** The Tracks with a Ticket that waits for observations that are known to be current. */
  waitingForFreshness(): readonly Track[];
  /** Resolves when no question to the promoter is open. */
  settled(): Promise<void>;
}

export interface EngineOptions {
  readonly tracks: readonly Track[];
  readonly keeper: TrackKeeper;
  readonly current: Pick<CurrentTracks, 'isCurrent' | 'confirm' | 'refusal'>;
  readonly owners: Pick<Owners, 'isOurs'>;
  readonly bus: Pick<Bus, 'ask' | 'stored' | 'last' | 'state' | 'maxPayload'>;
  readonly freshness: Pick<Freshness, 'currentAsOf'>;
  readonly directory: Pick<SourceDirectory, 'sources' | 'lastRead'>;
  readonly policy: Policy;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly now: () => Date;
  /** Called after each save with what happened. */
  readonly onChange?: (track: Track, history: readonly Change[]) => void;
}

/** Takes one input at a time for each Track, and decides again when another tracker was faster. */
export function createEngine(options: EngineOptions): Engine {
  const { tracks, keeper, current, owners, freshness, directory, policy, metrics, log, now, onChange } = options;
  const inTurn = turnsByTrack();
  const ask = questionsTo(options.bus, log, now);
  const elsewhere = lookups(options.bus, keeper, log);
  const named = namedTracks(tracks, keeper);

  const step = async (track: Track, input: Input): Promise<Decision | undefined> => {
    for (;;) {
      const document = await keeper.load(track.name);
      const before = document?.state ?? emptyTrack(track.name);
      // Asked after the load: a Ticket that ends in between changes the document, and the save below fails.
      if (await isRepeat(before, track, input)) return undefined;
      const sources = directory.lastRead();
      let wereAsked = false;
      const sourcesOf: Sources = (repository) => {
        wereAsked = true;
        return sources(repository);
      };
      const moment: Moment = {
        ...{ now: now(), currentAsOf: freshness.currentAsOf(), sourcesOf },
        maxPayload: options.bus.maxPayload(),
      };
      const decision = decide(track, before, input, moment, policy);
      // Few steps plan a promotion, so that only those ask Redis whether what they were decided by is still so.
      if (wereAsked && (await directory.sources()) !== sources) continue;
      const isUnchanged = decision.history.length === 0;
      const isSaved = isUnchanged
        ? await keeper.postpone(track.name, saveOf(document), decision.wakeAt)
        : await save(track, document, decision, moment.now);
      metrics.stepped(isSaved ? (isUnchanged ? 'unchanged' : 'saved') : 'raced');
      if (isSaved) return decision;
    }
  };

  const isRepeat = async (state: TrackState, track: Track, input: Input) => {
    const opens = input.type === 'open' ? input.data.ticket : input.type === 'word' && opensTicket(track.name, input);
    return !!opens && state.tickets[opens] === undefined && (await keeper.hasEnded(track.name, opens));
  };

  const save = async (track: Track, before: TrackDocument | undefined, decision: Decision, at: Date) => {
    const { state, history, wakeAt } = decision;
    const version = (before?.version ?? 0) + 1;
    const { ended, ...outbox } = publish(history, version);
    for (const event of outbox.events) logEvent(log, event);
    const document = { format, version, saves: nextSaves(before, newSaveId()), state, outbox } as const;
    const isSaved = await keeper.save({
      document,
      expected: saveOf(before),
      dueAt: wakeAt,
      ended,
      at: at.getTime(),
    });
    if (!isSaved) return false;
    metrics.took(track.name, measure(history, at));
    onChange?.(track, history);
    return true;
  };

  /** The Tracks with Tickets on their way, as this replica last saw them, and whether one waits for freshness. */
  const busy = new Map<Track, boolean>();
  const note = (track: Track, state: TrackState): void => {
    metrics.saw(state);
    const states = Object.values(state.tickets).map(({ ticket }) => ticket.state);
    if (states.length === 0) busy.delete(track);
    else busy.set(track, states.some(waitsForFreshness));
  };

  const unfinished = new Set<Track>();
  const take = async (track: Track, input: Input): Promise<void> => {
    if (!current.isCurrent()) throw current.refusal();
    try {
      const decision = await inTurn(track.name, () => step(track, input));
      unfinished.delete(track);
      if (decision) await follow(track, decision);
    } catch (error) {
      unfinished.add(track);
      throw error;
    }
  };
  const follow = async (track: Track, decision: Decision): Promise<void> => {
    note(track, decision.state);
    for (const question of decision.questions) {
      ask.once(question, traceOf(question, decision.state), (answer) => takeIfCurrent(track, answer));
    }
    for (const question of decision.elsewhere) {
      const failed = () => unfinished.add(track);
      elsewhere.once(question, (answer) => takeIfCurrent(track, answer), failed);
    }
    await readProjects(track, decision);
  };
  /** Another tracker asks again. */
  const takeIfCurrent = (track: Track, answer: Input) => take(track, answer).catch(ignoreOtherTracks);
  const readProjects = joinedProjects(options.bus, take);

  const state = (track: Track) =>
    inTurn(track.name, async () => (await keeper.current(track.name))?.state ?? emptyTrack(track.name));
  return {
    tracks,
    ...named,
    isCurrent: current.confirm,
    take,
    state,
    knows: async (track, ticket) =>
      (await state(track)).tickets[ticket] !== undefined || (await keeper.hasEnded(track.name, ticket)),
    unfinished: () => [...unfinished],
    isBusy: () => [...busy.keys()].some(({ name }) => owners.isOurs(name)),
    waitingForFreshness: () => [...busy].flatMap(([track, isWaiting]) => (isWaiting ? track : [])),
    settled: async () => void (await Promise.all([ask.settled(), elsewhere.settled()])),
  };
}

/** Finds the Tracks that are no longer in the tracks files by their documents. */
function namedTracks(tracks: readonly Track[], keeper: TrackKeeper): Pick<Engine, 'track' | 'removed'> {
  const configured = new Map(tracks.map((track) => [track.name, track]));
  /** The same object each time, as the engine keeps what it knows by Track. */
  const removed = new Map<string, Track>();
  const withoutStations = (name: string): Track => {
    const known = removed.get(name) ?? { name, images: [], order: 'semver', stations: [] };
    removed.set(name, known);
    return known;
  };
  return {
    async track(name) {
      const known = configured.get(name) ?? removed.get(name);
      return known ?? ((await keeper.load(name)) && withoutStations(name));
    },
    async removed() {
      for (const name of await keeper.stored()) if (!configured.has(name)) withoutStations(name);
      return [...removed.values()];
    },
  };
}

function waitsForFreshness(state: TicketState): boolean {
  return (state.is === 'waiting' || state.is === 'syncing') && state.reason === 'NotCurrent';
}

/** A failed Ticket needs a person; everything else is routine. */
function logEvent(log: Log, { type, id, ticketId, data }: BusEvent): void {
  const { reason, message } = data as { reason?: unknown; message?: unknown };
  const why = { ...(reason !== undefined && { reason }), ...(message !== undefined && { message }) };
  log[type === 'ticket.failed' ? 'error' : 'info']({ ticketid: ticketId, event: type, id, ...why }, type);
}

/** Runs the work of each Track one after another. */
function turnsByTrack(): <T>(track: string, work: () => Promise<T>) => Promise<T> {
  const limits = new Map<string, LimitFunction>();
  return (track, work) => {
    const limit = limits.get(track) ?? pLimit(1);
    limits.set(track, limit);
    return limit(work);
  };
}

/** The trace of the Ticket that a question is about. */
function traceOf({ about }: RelationQuestion, { tickets }: TrackState): string | undefined {
  return about.type === 'answered' ? tickets[about.ticket]?.ticket.traceparent : undefined;
}
