import type { Track } from '@k8sta/tracks';
import type { Input, TrackEvent } from './event.js';
import { evolve } from './evolve.js';
import { oldestFirst } from './lane.js';
import type { Moment, Policy } from './policy.js';
import { type ElsewhereQuestion, openQuestions, type RelationQuestion } from './questions.js';
import type { LiveTicket, TrackState } from './state.js';
import { nextStep } from './states/index.js';
import type { Wait } from './step.js';
import { take } from './take.js';

/** One event and the state before and after it. Everything published or measured is derived from these. */
export interface Change {
  readonly event: TrackEvent;
  readonly before: TrackState;
  readonly after: TrackState;
}

export interface Decision {
  readonly state: TrackState;
  /** Empty if nothing happened. */
  readonly history: readonly Change[];
  /** When to decide about the Track again without an event, in milliseconds since the epoch. */
  readonly wakeAt: number | undefined;
  readonly questions: readonly RelationQuestion[];
  /** What has to be known of other Tracks. */
  readonly elsewhere: readonly ElsewhereQuestion[];
}

/**
 * Everything that follows from an input: first the events of the input itself, then, Ticket by Ticket, what can happen now,
 * until every Ticket waits. No clock, no randomness, no IO.
 */
export function decide(track: Track, before: TrackState, input: Input, moment: Moment, policy: Policy): Decision {
  const history: Change[] = [];
  let state = before;
  const apply = (event: TrackEvent) => {
    const after = evolve(state, event);
    history.push({ event, before: state, after });
    state = after;
  };
  take(track, state, input, moment.now).forEach(apply);
  for (;;) {
    const { events, waits } = moveOn(track, state, moment, policy);
    if (events.length === 0) {
      const now = moment.now.getTime();
      const times = [...waits.values()].flatMap(({ wake, silent }) => [
        ...wake.filter((each) => typeof each === 'number'),
        // The answer may be lost with the tracker that asked.
        ...(silent ? [now + policy.askAgainMs] : []),
      ]);
      const ahead = times.filter((time) => time > now);
      return {
        state,
        history,
        wakeAt: ahead.length === 0 ? undefined : Math.min(...ahead),
        questions: openQuestions(state, waits, moment, policy),
        elsewhere: [...waits].flatMap(([ticket, { asksElsewhere = [] }]) => {
          const image = state.tickets[ticket]?.ticket.image;
          return image ? asksElsewhere.map((about) => ({ ticket, image, about })) : [];
        }),
      };
    }
    events.forEach(apply);
  }
}

/** The next events on the Track; none if every Ticket waits and its message is up to date. */
function moveOn(
  track: Track,
  state: TrackState,
  moment: Moment,
  policy: Policy,
): { events: readonly TrackEvent[]; waits: ReadonlyMap<string, Wait> } {
  const waits = new Map<string, Wait>();
  for (const live of oldestFirst(state)) {
    const step = nextStep({ track, state, live, moment, policy });
    if ('events' in step) return { events: step.events, waits };
    const said = whatIsNew(live, step.waits, moment.now);
    if (said) return { events: [said], waits };
    waits.set(live.ticket.id, step.waits);
  }
  return { events: [], waits };
}

/** The event that says what a Ticket waits for; undefined if the Ticket already says so. */
function whatIsNew({ ticket }: LiveTicket, wait: Wait, now: Date): TrackEvent | undefined {
  const { state } = ticket;
  if (wait.silent || !('message' in state)) return undefined;
  const { on, reason, message } = wait;
  const until = wait.until === undefined ? undefined : new Date(wait.until).toISOString();
  const isSame = 'reason' in state && state.reason === reason && state.message === message;
  if (isSame && (state.is !== 'waiting' || (state.on === on && state['until'] === until))) return undefined;
  const why = { reason, message, ...(until !== undefined && { until }) };
  return { type: 'waits', ticket: ticket.id, ...(on && { on }), ...why, at: now.toISOString() };
}
