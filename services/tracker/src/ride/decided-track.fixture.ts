import type { ApplicationSource } from '@k8sta/applications';
import type { Track } from '@k8sta/tracks';
import { sha, started } from '../arrival/application.fixture.js';
import { type Decision, decide } from './decide.js';
import type { Input, TrackEvent } from './event.js';
import type { Policy } from './policy.js';
import { emptyTrack, type LiveTicket, type Promotion, type TrackState } from './state.js';
import { policy } from './track.fixture.js';

type Ended = Extract<TrackEvent, { type: 'completed' | 'failed' | 'superseded' | 'cancelled' }>;

/** What the promoter answers about a revision. */
export type Answer = {
  relation: 'same' | 'contains' | 'behind' | 'unrelated' | 'unknown';
  namesImage?: boolean;
  named?: string;
  message?: string;
  changedBy?: { commit: string; author: string; ours: boolean };
};

/** A Track in a test takes inputs and says where its Tickets are; the test sets the time. */
export class DecidedTrack {
  state: TrackState = emptyTrack('storefront');
  now = started;
  currentAsOf: Record<string, string> = {};
  /** The sources of other Applications, by repository. */
  sourcesOf: (repository: string) => readonly ApplicationSource[] = () => [];
  maxPayload = 1024 * 1024;
  last: Decision | undefined;
  /** Everything that has happened. */
  readonly events: TrackEvent[] = [];
  /** What the promoter answers about the tip of the branch, when a Ticket is about to leave a Station. */
  tip: Answer | undefined = { relation: 'contains', namesImage: true };
  /** What it answers about what K8sTA committed last, when a Ticket is about to enter a Station. */
  standing: Answer | undefined = { relation: 'contains', namesImage: true };
  track: Track;
  readonly #policy: Policy;

  constructor(track: Track, change: Partial<Policy> = {}) {
    this.track = track;
    this.#policy = { ...policy, ...change };
  }

  protected decide(input: Input): Decision {
    const { now, currentAsOf, sourcesOf, maxPayload } = this;
    return decide(this.track, this.state, input, { now, currentAsOf, sourcesOf, maxPayload }, this.#policy);
  }

  take(input: Input): TrackEvent[] {
    const { now } = this;
    const decision = this.decide(input);
    this.state = decision.state;
    this.last = decision;
    const events = decision.history.map(({ event }) => event);
    this.events.push(...events);
    const relation = (answer: Answer) => ({ revision: sha('f'), answer, askedAt: now.toISOString() });
    const answers = decision.questions.flatMap(({ about }): TrackEvent[] => {
      if (about.type === 'standing')
        return this.standing ? this.take({ ...about, relation: relation(this.standing) }) : [];
      return about.of === 'tip' && this.tip ? this.take({ ...about, relation: relation(this.tip) }) : [];
    });
    return [...events, ...answers].filter(({ type }) => type !== 'related' && type !== 'standingRelated');
  }

  tick(): TrackEvent[] {
    return this.take({ type: 'tick' });
  }

  later(ms: number): this {
    this.now = new Date(this.now.getTime() + ms);
    return this;
  }

  live(tag: string): LiveTicket {
    const live = Object.values(this.state.tickets).findLast(({ ticket }) => ticket.image.tag === tag);
    if (!live) throw new Error(`${tag} is not on the Track`);
    return live;
  }

  id(tag: string): string {
    return this.live(tag).ticket.id;
  }

  /** How the Ticket ended. */
  end(tag: string): Ended {
    const ids = this.events.flatMap((event) =>
      event.type === 'opened' && event.ticket.image.tag === tag ? [event.ticket.id] : [],
    );
    const ended = this.events.filter(isEnd).findLast(({ ticket }) => ids.includes(ticket));
    if (!ended) throw new Error(`${tag} has not ended`);
    return ended;
  }

  /** How it ended, in short: `superseded NewerTicket`. */
  fate(tag: string): string {
    const ended = this.end(tag);
    return 'reason' in ended ? `${ended.type} ${ended.reason}` : ended.type;
  }

  /** Where the Ticket is, in short: `waiting BlockHeld`. */
  where(tag: string): string {
    return `${this.live(tag).ticket.state.is} ${this.reason(tag)}`;
  }

  promotion(tag: string): Promotion {
    const { promotion } = this.live(tag);
    if (!promotion) throw new Error(`${tag} has no promotion`);
    return promotion;
  }

  message(tag: string): string {
    return String(this.live(tag).ticket.state['message']);
  }

  reason(tag: string): string {
    return String(this.live(tag).ticket.state['reason']);
  }
}

function isEnd(event: TrackEvent): event is Ended {
  return ['completed', 'failed', 'superseded', 'cancelled'].includes(event.type);
}
