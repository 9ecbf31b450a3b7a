import { randomUUID } from 'node:crypto';
import type { Bus, Log } from '@k8sta/bus';
import { type BusEvent, gitRelation } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import type { Metrics } from './metrics.js';
import { decide, type Limits } from './ride/decide.js';
import { dueAt } from './ride/due.js';
import type { Input } from './ride/event.js';
import { openQuestions, type RelationQuestion } from './ride/evidence.js';
import { measure } from './ride/measure.js';
import { tell } from './ride/outgoing.js';
import { emptyTrack, type TrackState } from './ride/state.js';
import { format, nextSaves } from './store/document.js';
import type { TrackKeeper } from './store/track-keeper.js';
import type { TrackStore } from './store/track-store.js';

export interface Railway {
  readonly tracks: readonly Track[];
  /** Decides what follows from the input; resolves once it is saved and told. */
  take(track: Track, input: Input): Promise<void>;
  state(track: Track): Promise<TrackState>;
  /** Resolves when no question to the promoter is under way. */
  settled(): Promise<void>;
}

export interface RailwayOptions {
  readonly tracks: readonly Track[];
  readonly store: TrackStore;
  readonly keeper: TrackKeeper;
  readonly bus: Pick<Bus, 'ask'>;
  readonly limits: Limits;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly now: () => Date;
}

/** A Ticket that fails wants a person; all else is as it should be. */
function logEvent(log: Log, { type, id, ticketId, data }: BusEvent): void {
  const message = 'message' in data ? { message: data['message'] } : {};
  log[type === 'ticket.failed' ? 'error' : 'info']({ ticketid: ticketId, event: type, id, ...message }, type);
}

/** How long the promoter may take to answer a question, in milliseconds: it may have to fetch first. */
const answerMs = 10_000;

/** Loads, decides, saves, tells; one input at a time for each Track, and again when another tracker was faster. */
export function createRailway(options: RailwayOptions): Railway {
  const { tracks, store, keeper, bus, limits, metrics, log, now } = options;
  const tails = new Map<string, Promise<unknown>>();
  const asking = new Map<string, Promise<void>>();

  const inTurn = <T>(track: Track, work: () => Promise<T>): Promise<T> => {
    const turn = (tails.get(track.name) ?? Promise.resolve()).then(work, work);
    tails.set(
      track.name,
      turn.catch(() => {}),
    );
    return turn;
  };

  const step = async (track: Track, input: Input): Promise<TrackState> => {
    for (;;) {
      const document = await keeper.load(track.name);
      const before = document?.state ?? emptyTrack(track.name);
      const at = now();
      const events = decide(track, before, input, at, limits);
      const version = (document?.version ?? 0) + 1;
      if (events.length === 0) {
        await store.postpone(track.name, version - 1, dueAt(before, at, limits));
        return before;
      }
      const { state, ...told } = tell(before, events, version);
      for (const event of told.events) logEvent(log, event);
      const next = { format, version, saves: nextSaves(document, randomUUID()), state, told } as const;
      if (!(await keeper.save(next, version - 1, dueAt(state, at, limits)))) continue;
      metrics.took(track.name, measure(before, events, at));
      return state;
    }
  };

  const ask = async (track: Track, question: RelationQuestion): Promise<void> => {
    const { request, revision, ...about } = question;
    const answer = await bus.ask(gitRelation, request, answerMs).catch((error: unknown) => ({
      relation: 'unknown' as const,
      message: (error as Error).message,
    }));
    const reply = answer ?? { relation: 'unknown', message: 'the promoter does not answer; is it running?' };
    await take(track, {
      type: 'answered',
      ...about,
      learnt: { revision, answer: reply, askedAt: now().toISOString() },
    });
  };

  const take = async (track: Track, input: Input): Promise<void> => {
    const state = await inTurn(track, () => step(track, input));
    metrics.saw(state);
    for (const question of openQuestions(state, now(), limits.askAgainMs)) {
      const key = JSON.stringify(question);
      if (asking.has(key)) continue;
      const asked = ask(track, question)
        .catch((error: unknown) => log.warn({ err: error, ticketid: question.ticket }, 'an answer could not be taken'))
        .finally(() => asking.delete(key));
      asking.set(key, asked);
    }
  };

  return {
    tracks,
    take,
    state: (track) => inTurn(track, async () => (await keeper.load(track.name))?.state ?? emptyTrack(track.name)),
    async settled() {
      while (asking.size > 0) await Promise.all(asking.values());
    },
  };
}
