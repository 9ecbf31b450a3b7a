import type { ApplicationSource } from '@k8sta/applications';
import { type DataOf, ticketId } from '@k8sta/contracts';
import { noGates, type Station, type Track } from '@k8sta/tracks';
import { sha, started } from '../arrival/application.fixture.js';
import { type Decision, decide } from './decide.js';
import type { Input, RelationOf, TrackEvent } from './event.js';
import type { Policy } from './policy.js';
import { emptyTrack, type LiveTicket, type Promotion, type TrackState } from './state.js';

export { anApplication, sha, started } from '../arrival/application.fixture.js';

export const repository = 'docker.io/acme/storefront';

export const policy: Policy = {
  commitDeadlineMs: 3_600_000,
  maxAgeMs: 14 * 86_400_000,
  freshForMs: 60_000,
  degradedGraceMs: 120_000,
  patienceMs: 300_000,
  refreshEveryMs: 15_000,
  refreshAtMostEveryMs: 300_000,
  settleMs: 0,
  settleAfterRolloutMs: 0,
  askAgainMs: 5_000,
};

export function aTrack(stations: Record<string, string[]>): Track {
  return {
    name: 'storefront',
    order: 'push',
    images: [{ repository, tags: { is: 'strictSemver' } }],
    stations: Object.entries(stations).map(
      ([name, applications]): Station => ({
        name,
        deadlineMs: 1_800_000,
        onFailure: 'stop',
        afterRevert: 'hold',
        soakMs: 0,
        gates: noGates,
        tracks: [],
        applications: applications.map((application) => ({ namespace: 'argocd', name: application })),
      }),
    ),
  } as Track;
}

type Observed = DataOf<'application.observed'>;

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

  push(tag: string, { pushedAt = this.now, sequence = 1 }: { pushedAt?: Date; sequence?: number } = {}): TrackEvent[] {
    const image = { repository, tag };
    const ticket = ticketId('storefront', image);
    const data = { ticket, track: 'storefront', image, sender: 'dockerhub', pushedAt: pushedAt.toISOString() };
    return this.take({ type: 'open', data, sequence, receivedAt: this.now.toISOString() });
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
      ...{ type: 'answered', ticket: idOf(tag), promotion, application: `argocd/${application}` },
      ...{ of, relation },
    });
  }

  live(tag: string): LiveTicket {
    const live = this.state.tickets[idOf(tag)];
    if (!live) throw new Error(`${tag} is not on the Track`);
    return live;
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

export const idOf = (tag: string): string => ticketId('storefront', { repository, tag });

export const types = (events: TrackEvent[]): string[] => events.map(({ type }) => type);
