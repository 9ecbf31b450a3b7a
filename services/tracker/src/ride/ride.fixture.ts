import type { ApplicationSource } from '@k8sta/applications';
import { type DataOf, type OperatorWord, type PromotionFailure, ticketId } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import { sha, started } from '../arrival/application.fixture.js';
import { type Decision, decide } from './decide.js';
import type { Input, RelationOf, TrackEvent } from './event.js';
import type { Policy } from './policy.js';
import { emptyTrack, type LiveTicket, type Promotion, type TrackState } from './state.js';

import { policy, repository } from './track.fixture.js';

export { anApplication, sha, started } from '../arrival/application.fixture.js';
export { aTrack, policy, repository } from './track.fixture.js';

type Observed = DataOf<'application.observed'>;
type Ended = Extract<TrackEvent, { type: 'completed' | 'failed' | 'superseded' | 'cancelled' }>;
type WordOf<Verb> = Omit<Extract<OperatorWord, { verb: Verb }>, 'verb' | 'track' | 'by' | 'at'> & { by?: string };

type Answer = {
  relation: 'same' | 'contains' | 'behind' | 'unrelated' | 'unknown';
  namesImage?: boolean;
  named?: string;
  message?: string;
  changedBy?: { commit: string; author: string; ours: boolean };
};

/** A Track in a test: it takes inputs and remembers what it decided; the test sets the time. */
export class TestTrack {
  state: TrackState = emptyTrack('storefront');
  now = started;
  currentAsOf: Record<string, string> = {};
  /** The sources of other Applications, by repository. */
  sourcesOf: (repository: string) => readonly ApplicationSource[] = () => [];
  last: Decision | undefined;
  /** Everything that has happened. */
  readonly events: TrackEvent[] = [];
  /** The last word's place in the stream. */
  sequence = 1_000;
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
    const { now, currentAsOf, sourcesOf } = this;
    return decide(this.track, this.state, input, { now, currentAsOf, sourcesOf }, this.#policy);
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

  push(
    tag: string,
    { pushedAt = this.now, sequence = 1, ...more }: { pushedAt?: Date; sequence?: number } & Push = {},
  ): TrackEvent[] {
    const { digest, attempt, parent, image: other = repository } = more;
    const image = { repository: other, tag, ...(digest && { digest }) };
    const ticket = ticketId('storefront', image, attempt);
    const about = { image, sender: 'dockerhub', pushedAt: pushedAt.toISOString() };
    const data = { ticket, track: 'storefront', ...about, ...(attempt && { attempt }), ...(parent && { parent }) };
    return this.take({ type: 'open', data, sequence, receivedAt: this.now.toISOString() });
  }

  /** An operator says a word; alice, unless the test names another. */
  say<Verb extends OperatorWord['verb']>(
    verb: Verb,
    word: WordOf<Verb>,
    { sequence = ++this.sequence, receivedAt = this.now.toISOString() } = {},
  ): TrackEvent[] {
    const data = { track: 'storefront', verb, by: 'alice', at: receivedAt, ...word } as DataOf<'operator.word'>;
    return this.take({ type: 'word', data, sequence, receivedAt });
  }

  approve(tag: string, station: string, by = 'alice'): TrackEvent[] {
    return this.say('approve', { ticket: this.id(tag), station, by });
  }

  cancel(tag: string, message = 'not today'): TrackEvent[] {
    return this.say('cancel', { ticket: this.id(tag), message });
  }

  /** Up to and including the Station; without one to the end. */
  express(tag: string, station?: string): TrackEvent[] {
    return this.say('express', { ticket: this.id(tag), message: 'hotfix', ...(station !== undefined && { station }) });
  }

  report(tag: string, station: string, name: string, outcome: 'passed' | 'failed', by = 'ci'): TrackEvent[] {
    return this.say('check', { ticket: this.id(tag), station, name, outcome, by });
  }

  pause(station?: string): TrackEvent[] {
    return this.say('pause', { message: 'freeze', ...(station !== undefined && { station }) });
  }

  resume(station?: string): TrackEvent[] {
    return this.say('resume', station === undefined ? {} : { station });
  }

  /** A Ticket of its own, as its second attempt: the first has ended. */
  promote(tag: string, station?: string): TrackEvent[] {
    return this.say('promote', { image: { repository, tag }, attempt: 2, ...(station !== undefined && { station }) });
  }

  rollback(station: string, tag: string): TrackEvent[] {
    return this.say('rollback', { station, image: { repository, tag }, attempt: 2 });
  }

  observe(...applications: Observed[]): TrackEvent[] {
    return applications.flatMap((data) => this.take({ type: 'observed', data }));
  }

  /** The watcher confirms that its observations are current now. */
  current(): TrackEvent[] {
    this.currentAsOf = { default: this.now.toISOString() };
    return this.tick();
  }

  /** The promoter commits the given part of the Ticket's promotion; `before` is what the files named before. */
  commit(tag: string, commit: string, part = 0, before?: string): TrackEvent[] {
    const request = this.promotion(tag).parts[part]?.request;
    if (!request) throw new Error(`${tag} has requested no such part`);
    const { promotion, ticket, track, station, repository: url } = request;
    return this.take({
      type: 'committed',
      data: {
        promotion,
        part,
        ticket,
        track,
        station,
        repository: url,
        branch: 'refs/heads/main',
        revision: commit,
        commit,
        committedAt: this.now.toISOString(),
        applications: request.applications.map(({ namespace, name, sources: [source] }) => ({
          namespace,
          name,
          file: `${source?.path}/kustomization.yaml`,
          outcome: 'edited' as const,
          ...(before !== undefined && { before }),
        })),
      },
    });
  }

  /** The promoter refuses the given part of the Ticket's promotion. */
  refuse(tag: string, reason: PromotionFailure, message: string, part = 0): TrackEvent[] {
    const { id: promotion, station, parts } = this.promotion(tag);
    const { issue } = parts[part]?.request ?? {};
    const head = { promotion, part, issue, ticket: this.id(tag), track: 'storefront', station };
    return this.take({ type: 'failed', data: { ...head, reason, message, failedAt: this.now.toISOString() } });
  }

  /** The promoter answers how the Application's revision relates to the Ticket's commit. */
  answer(
    tag: string,
    application: string,
    revision: string,
    answer: Answer,
    of: RelationOf = 'relation',
  ): TrackEvent[] {
    const promotion = this.live(tag).promotion?.id ?? '';
    const relation = { revision, answer, askedAt: this.now.toISOString() };
    return this.take({
      ...{ type: 'answered', ticket: this.id(tag), promotion, application: `argocd/${application}` },
      ...{ of, relation },
    });
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

/** A push that differs from the first one of a tag. */
interface Push {
  readonly digest?: string;
  readonly attempt?: number;
  readonly parent?: DataOf<'ticket.opened'>['parent'];
  /** Another repository than that of the tests. */
  readonly image?: string;
}

function isEnd(event: TrackEvent): event is Ended {
  return ['completed', 'failed', 'superseded', 'cancelled'].includes(event.type);
}

export const idOf = (tag: string): string => ticketId('storefront', { repository, tag });

export const types = (events: TrackEvent[]): string[] => events.map(({ type }) => type);
