import assert from 'node:assert/strict';
import { type Bus, connectBus } from '@k8sta/bus';
import {
  type ApiHandlers,
  type ApiRefusal,
  type OperatorWord,
  operatorWord,
  stateKey,
  type Ticket,
  ticketId,
} from '@k8sta/contracts';
import { type NatsServer, startNats } from '@k8sta/sandbox';
import type { Station, Track } from '@k8sta/tracks';
import { aTrack, repository, started, TestTrack } from '../ride/ride.fixture.js';
import type { LiveTicket } from '../ride/state.js';
import { apiHandlers } from './api.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** When everything in these tests happens. */
export const since = started.toISOString();
export const failed: Ticket['state'] = { is: 'failed', station: 'prod', reason: 'Degraded', message: 'it is', since };
export const rollingBack: Extract<Ticket['state'], { is: 'rollingBack' }> = {
  ...{ is: 'rollingBack', station: 'dev', promotion: 'p', to: `${repository}:0.9.0`, notAfter: since, since },
  ...{ failure: { reason: 'Degraded', message: 'it is' }, reason: 'RollbackRequested', message: 'it is Degraded' },
};

/** The reply without a refusal. */
export function accepted(reply: { ok: boolean; message?: unknown }) {
  assert.ok(reply.ok, String(reply.message));
  return reply as {
    ok: true;
    sequence: number;
    ticket?: string;
    track?: string;
    station?: string;
    image?: string;
    tracks?: number;
  };
}

export function refused(reply: object, reason: ApiRefusal, words: RegExp): void {
  const { ok, reason: given, message } = reply as { ok: boolean; reason?: string; message?: string };
  assert.deepEqual([ok, given], [false, reason], message);
  assert.match(message ?? '', words);
}

/** A Track of a test with gates in front of `prod`. */
export function gatedTrack(name: string, gates: Partial<Station['gates']> = {}): Track {
  const track = aTrack({ dev: ['dev'], prod: ['prod'] });
  const gated = (station: Station) =>
    station.name === 'prod' ? { ...station, gates: { ...station.gates, ...gates } } : station;
  return { ...track, name, stations: track.stations.map(gated) };
}

/** NATS, and Tracks for one test after the other. */
export class ApiStage {
  readonly bus: Bus;
  readonly #nats: NatsServer;
  #tests = 0;

  private constructor(nats: NatsServer, bus: Bus) {
    this.#nats = nats;
    this.bus = bus;
  }

  static async start(): Promise<ApiStage> {
    const nats = await startNats();
    return new ApiStage(nats, await connectBus({ service: 'tracker', connection: { servers: nats.url }, log: quiet }));
  }

  /** Two Tracks that no other test has, so that the test sees only its own words. */
  next(): { api: TestApi; app: string; other: string } {
    this.#tests++;
    const [app, other] = [`app-${this.#tests}`, `other-${this.#tests}`];
    const gates = { approval: { count: 1, by: ['alice'] }, checks: [{ name: 'smoke', of: 'dev', timeoutMs: 60_000 }] };
    return { api: new TestApi(this.bus, [gatedTrack(app, gates), gatedTrack(other)]), app, other };
  }

  async stop(): Promise<void> {
    await this.bus.close();
    await this.#nats.stop();
  }
}

/** A stage for the suite, with an API over Tracks of its own for each test. */
export function apiForEach(use: (next: ReturnType<ApiStage['next']> & { readonly stage: ApiStage }) => void): void {
  let stage: ApiStage;
  before(async () => {
    stage = await ApiStage.start();
  });
  beforeEach(() => use({ stage, ...stage.next() }));
  after(() => stage.stop());
}

/** The API over Tracks of a test, with a real bus for words and ended Tickets. */
export class TestApi {
  readonly rides: readonly TestTrack[];
  readonly handlers: ApiHandlers;
  /** Whether the tracks files of this tracker are. */
  isCurrent = true;
  readonly #bus: Bus;
  #opened = 0;
  readonly #ended = new Map<string, string[]>();

  constructor(bus: Bus, tracks: readonly Track[]) {
    this.#bus = bus;
    this.rides = tracks.map((track) => new TestTrack(track));
    this.handlers = apiHandlers({
      bus,
      engine: {
        tracks,
        isCurrent: async () => this.isCurrent,
        state: async ({ name }) => this.ride(name).state,
      },
      store: {
        endedTickets: async (track, limit) =>
          (this.#ended.get(track) ?? []).slice(0, limit).map((id) => ({ id, endedAt: started.getTime() })),
      },
      log: quiet,
      now: () => started,
    });
  }

  ride(name: string): TestTrack {
    const found = this.rides.find(({ track }) => track.name === name);
    if (!found) throw new Error(`the test has no Track ${name}`);
    return found;
  }

  /** Opens a Ticket for this tag, and returns it. */
  open(track: string, tag: string): Ticket {
    const image = { repository, tag };
    const ticket = ticketId(track, image);
    const data = { ticket, track, image, sender: 'dockerhub', pushedAt: started.toISOString() };
    this.#opened++;
    const input = { type: 'open', data, sequence: this.#opened, receivedAt: started.toISOString() } as const;
    const ride = this.ride(track);
    const before = ride.state.tickets;
    const [opened] = ride.take(input);
    if (opened?.type !== 'opened') throw new Error(`${tag} opened no Ticket`);
    // A newer Ticket of a lane supersedes the older ones; these tests want several on their way.
    ride.state = { ...ride.state, tickets: { ...before, [ticket]: { ticket: opened.ticket } } };
    return opened.ticket;
  }

  /** Changes what only the tracker remembers of the Ticket, or its state. */
  change({ track, id }: Ticket, change: Partial<LiveTicket>, state?: Ticket['state']): void {
    const ride = this.ride(track);
    const live = ride.state.tickets[id];
    if (!live) throw new Error(`the test has no Ticket ${id}`);
    const ticket = { ...live.ticket, ...(state && { state }) };
    ride.state = { ...ride.state, tickets: { ...ride.state.tickets, [id]: { ...live, ticket, ...change } } };
  }

  /** Takes the Ticket off its Track, ended in this state. */
  async end(ticket: Ticket, state: Ticket['state'], stations: Ticket['stations'] = []): Promise<Ticket> {
    const ride = this.ride(ticket.track);
    const { [ticket.id]: _ended, ...tickets } = ride.state.tickets;
    ride.state = { ...ride.state, tickets };
    const ended = { ...ticket, state, stations };
    await this.#bus.state.replace(stateKey.ticket(ticket.track, ticket.id), JSON.stringify(ended), 0);
    this.#ended.set(ticket.track, [ticket.id, ...(this.#ended.get(ticket.track) ?? [])]);
    return ended;
  }

  /** The word at this place of the stream. */
  async word(sequence: number): Promise<OperatorWord> {
    return operatorWord.parse((await this.#bus.at('operator.word', sequence))?.data);
  }

  /** How many words of this verb the bus has stored about the Track. */
  async words(track: string, verb: OperatorWord['verb']): Promise<number> {
    return (await this.#bus.since('operator.word', { track, verb }, new Date(0))).length;
  }
}
