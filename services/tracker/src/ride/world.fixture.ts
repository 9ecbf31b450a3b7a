import assert from 'node:assert/strict';
import { type DataOf, ticketId } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import { anApplication, started } from '../arrival/application.fixture.js';
import { type Decision, decide } from './decide.js';
import type { EventOf, Input, InputOf, TrackEvent } from './event.js';
import { GitModel } from './git.fixture.js';
import { newerAt } from './give-way.js';
import { heldBy, isNewer, laneOrderOf } from './lane.js';
import type { Moment } from './policy.js';
import { proposalsOf, proposedParts } from './proposals.js';
import type { ElsewhereQuestion, RelationQuestion } from './questions.js';
import { emptyTrack, type LaneOrder, type LiveTicket, type TrackState } from './state.js';
import { policy } from './track.fixture.js';
import { opensTicket } from './words.js';

type Request = DataOf<'promotion.requested'>;

export const images = ['docker.io/acme/storefront', 'docker.io/acme/api'];

/** A Track with everything around it: Git, the promoter, Argo CD, operators. A test makes it do things in any order. */
export class World {
  state: TrackState = emptyTrack('storefront');
  now = started;
  currentAsOf: Record<string, string> = {};
  readonly git = new GitModel();
  /** What was requested and not answered yet. */
  readonly open: Request[] = [];
  questions: RelationQuestion[] = [];
  elsewhere: ElsewhereQuestion[] = [];
  /** Everything that was delivered: any of it may be delivered again. */
  readonly delivered: Input[] = [];
  readonly events: TrackEvent[] = [];
  /** How Tickets ended, by id. */
  readonly ended = new Map<string, string>();
  last: Decision | undefined;
  /** Whether two trackers decide about each input. */
  isRaced = true;
  track: Track;
  #sequence = 0;
  readonly #requested = new Set<string>();
  /** By `Station repository`: the Ticket that entered last. */
  readonly #entered = new Map<string, LaneOrder>();

  constructor(track: Track) {
    this.track = track;
    for (const name of this.applications()) this.sync(name);
    this.current();
  }

  applications(): string[] {
    return this.track.stations.flatMap(({ applications }) => applications.map(({ name }) => name));
  }

  live(): LiveTicket[] {
    return Object.values(this.state.tickets);
  }

  /** The engine takes no Ticket again that has ended. */
  take(input: Input, isRepeat = false): void {
    const opens = opened(input);
    if (opens !== undefined && this.ended.has(opens)) return;
    if (!isRepeat) this.delivered.push(input);
    const { now, currentAsOf, track } = this;
    const moment: Moment = { now, currentAsOf, sourcesOf: () => [], maxPayload: 1024 * 1024 };
    const before = this.state;
    const decision = decide(track, before, input, moment, policy);
    if (this.isRaced) {
      // A second tracker decides the same from what is stored; its save loses.
      const stored = JSON.parse(JSON.stringify({ before, input }));
      const other = decide(track, stored.before, stored.input, moment, policy);
      assert.equal(gist(other), gist(decision), 'the same state and input give the same decision');
    }
    this.state = decision.state;
    this.last = decision;
    this.questions = [...decision.questions];
    this.elsewhere = [...decision.elsewhere];
    for (const { event, before: then } of decision.history) this.#note(event, then);
  }

  #note(event: TrackEvent, before: TrackState): void {
    this.events.push(event);
    if (event.type === 'promotes' || event.type === 'rollsBack' || isAgain(event)) {
      for (const request of event.requests) this.#request(request, event.type === 'promotes', before);
    }
    if (event.type === 'promotes') this.#enters(event, before);
    // What the Station names has gone back.
    if (event.type === 'rolledBack' || event.type === 'personAccepted') {
      for (const repository of images) this.#entered.delete(`${event.station} ${repository}`);
    }
    if (event.type === 'left') {
      this.ended.set(event.ticket, before.tickets[event.ticket]?.ticket.state.is ?? '');
    }
  }

  /** No Ticket enters a Station after a newer one of its lane, except by an operator's word or where a person went back. */
  #enters({ ticket: id, station }: EventOf<'promotes'>, { tickets }: TrackState): void {
    const live = tickets[id];
    if (!live) return;
    const { ticket, express } = live;
    const key = `${station} ${ticket.image.repository}`;
    const last = this.#entered.get(key);
    const isFree = ticket.by !== undefined || express !== undefined;
    const isHeld = this.track.stations.find(({ name }) => name === station)?.afterRevert === 'hold';
    if (last && last.ticket !== id && !isFree && isHeld) {
      const isOvertaken = isNewer(last, laneOrderOf(ticket), this.track.order);
      assert.ok(!isOvertaken, `${ticket.image.tag} enters ${station} after ${last.tag}`);
    }
    this.#entered.set(key, laneOrderOf(ticket));
  }

  #request(request: Request, isNew: boolean, before: TrackState): void {
    const { ticket, station, promotion, part, issue } = request;
    const id = `${promotion}/${part}/${issue}`;
    assert.ok(!this.#requested.has(id), `${id} is requested twice`);
    this.#requested.add(id);
    const at = this.open.findIndex((each) => each.promotion === promotion && each.part === part);
    if (at >= 0) this.open.splice(at, 1);
    const others = this.open.filter((each) => each.ticket === ticket && each.promotion !== promotion);
    assert.deepEqual(others, [], `${id} is requested while another request of its Ticket is open`);
    this.open.push(request);
    const live = before.tickets[ticket];
    if (isNew && live) this.#mustHaveEarned(live, station);
  }

  /** An image enters a Station from the one before, or where an operator lets it start. */
  #mustHaveEarned({ ticket }: LiveTicket, station: string): void {
    const { stations } = this.track;
    const at = stations.findIndex(({ name }) => name === station);
    const previous = stations[at - 1]?.name;
    const hasArrived = ticket.stations.some((record) => record.station === previous && record.arrivedAt !== undefined);
    const mayStart = ticket.by !== undefined && ticket.stations.every((record) => record.station === station);
    assert.ok(previous === undefined || hasArrived || mayStart, `${ticket.image.tag} has not earned ${station}`);
  }

  /** The invariants of every moment. */
  check(): void {
    const held = this.live().flatMap(({ ticket }) => heldBy(ticket) ?? []);
    assert.equal(new Set(held).size, held.length, `a Station is held twice: ${held.join(', ')}`);
    for (const { ticket } of this.live()) {
      const { is, reason, message, since } = ticket.state as Record<string, unknown>;
      assert.ok(reason && message && since, `${ticket.image.tag} is ${is} without a reason`);
      const isAsking = this.questions.length > 0;
      assert.ok(
        isAsking || !/Opened|Arrived/.test(String(reason)),
        `${ticket.image.tag} waits for nothing: ${message}`,
      );
    }
    for (const live of this.live()) this.#checkProposals(live);
    const awaitsPromoter = (each: LiveTicket) =>
      each.promotion?.parts.some(({ answer }) => answer.is === 'open') ?? false;
    if (this.live().some((each) => !awaitsPromoter(each))) {
      assert.ok(this.last?.wakeAt !== undefined, 'a Ticket waits without a timer');
      assert.ok(this.last.wakeAt > this.now.getTime(), 'the timer is in the past');
    }
  }

  /** The promoter knows of every withdrawal, and no pull request keeps out a newer Ticket that could enter but for it. */
  #checkProposals(live: LiveTicket): void {
    const { ticket, promotion, ending, express } = live;
    const proposed = promotion ? proposedParts(promotion) : [];
    if (proposed.length === 0 || !promotion) return;
    assert.deepEqual(
      ticket.state['proposals'],
      proposalsOf(promotion),
      `${ticket.image.tag} shows other pull requests`,
    );
    for (const { request, answer } of proposed) {
      const isTold = this.open.some((each) => each.promotion === request.promotion && each.issue === request.issue);
      assert.ok(!ending || (isTold && request.issue > 0), `nobody closes ${answer.proposal.url}`);
    }
    const isHalfBack = promotion.kind === 'rollback' && proposed.length < promotion.parts.length;
    if (ending || express || ticket.by !== undefined || isHalfBack) return;
    const newer = newerAt(this.track, this.state, live, promotion.station);
    assert.equal(newer, undefined, `the pull request of ${ticket.image.tag} keeps out ${newer?.tag}`);
  }

  receive(input: Omit<InputOf<'open'>, 'sequence' | 'receivedAt'> | Omit<InputOf<'word'>, 'sequence' | 'receivedAt'>) {
    this.#sequence += 1;
    this.take({ ...input, sequence: this.#sequence, receivedAt: this.now.toISOString() } as Input);
  }

  /** Ingest opens a Ticket, or the next attempt of one that has failed or was superseded. */
  push(repository: string, tag: string, pushedAt = this.now): void {
    const image = { repository, tag };
    const again = (attempt: number) =>
      /failed|superseded/.test(this.ended.get(ticketId('storefront', image, attempt)) ?? '');
    let attempt = 1;
    while (again(attempt)) attempt += 1;
    const ticket = ticketId('storefront', image, attempt);
    const about = {
      ticket,
      track: 'storefront',
      image,
      attempt,
      sender: 'dockerhub',
      pushedAt: pushedAt.toISOString(),
    };
    this.receive({ type: 'open', data: about });
  }

  say(verb: string, word: object): void {
    const data = { track: 'storefront', verb, by: 'alice', at: this.now.toISOString(), ...word };
    this.receive({ type: 'word', data: data as DataOf<'operator.word'> });
  }

  later(ms: number): void {
    this.now = new Date(this.now.getTime() + ms);
    this.take({ type: 'tick' });
  }

  current(): void {
    this.currentAsOf = { default: this.now.toISOString() };
    this.take({ type: 'tick' });
  }

  /** Argo CD deploys the tip of the branch. */
  sync(name: string, status = 'Healthy', back = 0): void {
    const health = { status, message: 'as the test says' };
    const change = { health, observedAt: this.now.toISOString(), sources: this.git.sourcesOf(name) };
    this.take({ type: 'observed', data: anApplication(name, this.git.revision(name, back), change) });
  }

  /** The promoter commits, where the rollback still finds what it is to replace. */
  commit(request: Request): void {
    this.#answered(request);
    this.take(this.git.commit(request, this.now));
  }

  /** The promoter has opened a pull request. */
  propose(request: Request): void {
    const { promotion, part, ticket, track, station, repository, issue } = request;
    const at = { repository, branch: 'refs/heads/main', head: 'refs/heads/k8sta/x', commit: 'a'.repeat(40) };
    const proposal = { provider: 'github' as const, number: 1 + issue, url: `https://git.test/pull/${1 + issue}` };
    const proposedAt = this.now.toISOString();
    const data = { promotion, part, ticket, track, station, ...at, ...proposal, request, proposedAt };
    this.take({ type: 'proposed', data });
  }

  refuse(request: Request, reason: DataOf<'promotion.failed'>['reason'] = 'Withdrawn'): void {
    this.#answered(request);
    this.take(this.git.refusal(request, reason, this.now));
  }

  #answered(request: Request): void {
    this.open.splice(this.open.indexOf(request), 1);
  }

  answer({ about, request }: RelationQuestion): void {
    const { revision, answer } = this.git.relation(request);
    this.take({ ...about, relation: { revision, answer, askedAt: this.now.toISOString() } });
  }
}

function gist({ state, history, wakeAt, questions, elsewhere }: Decision): string {
  return JSON.stringify([state, history.map(({ event }) => event), wakeAt, questions, elsewhere]);
}

function isAgain(event: TrackEvent): event is EventOf<'reissued' | 'requestedAgain'> {
  return event.type === 'reissued' || event.type === 'requestedAgain';
}

function opened(input: Input): string | undefined {
  if (input.type === 'open') return input.data.ticket;
  return input.type === 'word' ? opensTicket('storefront', input) : undefined;
}
