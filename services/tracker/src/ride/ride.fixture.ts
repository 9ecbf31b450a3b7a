import { type DataOf, ticketId } from '@k8sta/contracts';
import type { Station, Track } from '@k8sta/tracks';
import { decide, type Limits } from './decide.js';
import type { Input, TrackEvent } from './event.js';
import { evolve } from './evolve.js';
import { emptyTrack, type Rider, type TrackState } from './state.js';

/** A Track in a test: told things, it moves on; every minute and second is said by the test. */
export const repository = 'docker.io/acme/storefront';
export const started = new Date('2026-03-01T12:00:00Z');

export const limits: Limits = {
  commitDeadlineMs: 3_600_000,
  maxAgeMs: 14 * 86_400_000,
  rememberMs: 35 * 86_400_000,
  pictureMs: 60_000,
  degradedGraceMs: 120_000,
  refreshEveryMs: 15_000,
  refreshTimes: 5,
  settleMs: 0,
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
        applications: applications.map((application) => ({ namespace: 'argocd', name: application })),
      }),
    ),
  } as Track;
}

type Observed = DataOf<'application.observed'>;

let resourceVersion = 100;

/** An Application that is Synced and Healthy at this revision, unless it is said otherwise. */
export function anApplication(name: string, revision: string, change: Partial<Observed> = {}): Observed {
  resourceVersion += 1;
  return {
    instance: 'default',
    namespace: 'argocd',
    name,
    uid: `uid-${name}`,
    resourceVersion: String(resourceVersion),
    createdAt: '2026-01-01T00:00:00Z',
    observedAt: started.toISOString(),
    project: 'default',
    sources: [{ repository: 'https://git.test/acme/deploy.git', targetRevision: 'main', path: `apps/${name}` }],
    autoSync: true,
    frozen: false,
    deleting: false,
    sync: { status: 'Synced', revisions: [revision] },
    health: { status: 'Healthy' },
    reconciledAt: '2026-03-01T12:00:10Z',
    operationPending: false,
    operation: { phase: 'Succeeded', finishedAt: '2026-03-01T12:00:09Z', revisions: [revision] },
    errors: [],
    images: [],
    ...change,
  };
}

export const sha = (letter: string): string => letter.repeat(40);

/** Plays inputs to a Track and remembers what it decided. */
export class Line {
  state: TrackState = emptyTrack('storefront');
  now = started;
  readonly track: Track;

  readonly #limits: Limits;

  constructor(track: Track, change: Partial<Limits> = {}) {
    this.track = track;
    this.#limits = { ...limits, ...change };
  }

  tell(input: Input): TrackEvent[] {
    const events = decide(this.track, this.state, input, this.now, this.#limits);
    this.state = events.reduce(evolve, this.state);
    return events;
  }

  later(ms: number): this {
    this.now = new Date(this.now.getTime() + ms);
    return this;
  }

  push(tag: string, { pushedAt = this.now, sequence = 1 }: { pushedAt?: Date; sequence?: number } = {}): TrackEvent[] {
    const image = { repository, tag };
    const ticket = ticketId('storefront', image);
    const data = { ticket, track: 'storefront', image, sender: 'dockerhub', pushedAt: pushedAt.toISOString() };
    return this.tell({ type: 'open', data, sequence, receivedAt: this.now.toISOString() });
  }

  see(...applications: Observed[]): TrackEvent[] {
    return applications.flatMap((data) => this.tell({ type: 'observed', data }));
  }

  current(): TrackEvent[] {
    return this.tell({ type: 'current', data: { instance: 'default', asOf: this.now.toISOString() } });
  }

  /** The promoter answers the given part of the Ticket's promotion. */
  commit(tag: string, commit: string, part = 0): TrackEvent[] {
    const { promotion } = this.rider(tag);
    const request = promotion?.requests[part];
    if (!promotion || !request) throw new Error(`${tag} has asked for no such part`);
    const { ticket, track, station, repository: url } = request;
    return this.tell({
      type: 'committed',
      data: {
        promotion: promotion.id,
        part,
        ticket,
        track,
        station,
        repository: url,
        branch: 'refs/heads/main',
        revision: commit,
        commit,
        committedAt: this.now.toISOString(),
        applications: request.applications.map(({ namespace, name, path }) => ({
          namespace,
          name,
          file: `${path}/kustomization.yaml`,
          outcome: 'edited' as const,
        })),
      },
    });
  }

  /** The promoter answers how the Application's revision relates to the Ticket's commit. */
  answer(tag: string, application: string, revision: string, answer: DataOfAnswer, of?: 'failedSync'): TrackEvent[] {
    const learnt = { revision, answer, askedAt: this.now.toISOString() };
    const about = { ticket: idOf(tag), application: `argocd/${application}`, ...(of && { of }) };
    return this.tell({ type: 'answered', ...about, learnt });
  }

  rider(tag: string): Rider {
    const rider = this.state.riders[idOf(tag)];
    if (!rider) throw new Error(`${tag} is not riding`);
    return rider;
  }
}

type DataOfAnswer = {
  relation: 'same' | 'contains' | 'behind' | 'unrelated' | 'unknown';
  namesImage?: boolean;
  named?: string;
  message?: string;
};

export const idOf = (tag: string): string => ticketId('storefront', { repository, tag });

export const types = (events: TrackEvent[]): string[] => events.map(({ type }) => type);
