import { applicationKey, oneLine, spellImage } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import { judge } from '../judgement/judge.js';
import type { Verdict } from '../judgement/verdict.js';
import type { Limits } from './decide.js';
import type { TrackEvent } from './event.js';
import { evidenceOf, promotedBy } from './evidence.js';
import { holderOf, isNewer, laneOrderOf, supersederOf } from './lane.js';
import { askedFor, planPromotion } from './parts.js';
import type { Promotion, Rider, TrackState } from './state.js';

/** The next thing that can happen on the Track; nothing when every Ticket has to wait and says for what. */
export function moveOn(track: Track, state: TrackState, now: Date, limits: Limits): TrackEvent[] {
  // The oldest first: it is the one that gets out of the way.
  const riders = Object.values(state.riders).sort((a, b) =>
    isNewer(laneOrderOf(a.ticket), laneOrderOf(b.ticket)) ? 1 : -1,
  );
  for (const rider of riders) {
    const events = moveTicket({ track, state, rider, now, limits });
    if (events.length > 0) return events;
  }
  return [];
}

interface Move {
  track: Track;
  state: TrackState;
  rider: Rider;
  now: Date;
  limits: Limits;
}

function moveTicket(move: Move): TrackEvent[] {
  const { rider, now, limits } = move;
  const { ticket } = rider;
  const at = now.toISOString();
  switch (ticket.state.is) {
    case 'waiting':
      if (now.getTime() >= tooOldAt(rider, limits)) {
        const message = `open since ${ticket.openedAt}, longer than a Ticket may be (K8STA_TICKET_MAX_AGE_MS); at last: ${ticket.state.message}`;
        return [{ type: 'failed', ticket: ticket.ticket, reason: 'MaxAge', message, at }];
      }
      return enterNext(move, ticket.state);
    case 'promoting':
      return rider.promotion ? collectAnswers(move, rider.promotion, ticket.state) : [];
    case 'syncing':
      return rider.promotion ? awaitArrival(move, rider.promotion, ticket.state) : [];
    case 'completed':
      return [{ type: 'completed', ticket: ticket.ticket, at }];
    case 'rollingBack':
    case 'failed':
    case 'superseded':
    case 'cancelled':
      return [];
    default:
      throw new TypeError(`no such state: ${JSON.stringify(ticket.state satisfies never)}`);
  }
}

type StateOf<Is extends Rider['ticket']['state']['is']> = Extract<Rider['ticket']['state'], { is: Is }>;

function enterNext({ track, state, rider, now, limits }: Move, waiting: StateOf<'waiting'>): TrackEvent[] {
  const { ticket, promotion } = rider;
  const id = ticket.ticket;
  const at = now.toISOString();
  const wait = (on: 'block' | 'application', message: string): TrackEvent[] =>
    waiting.on === on && waiting.message === message ? [] : [{ type: 'waits', ticket: id, on, message, at }];

  const station = track.stations.find(({ name }) => name === waiting.next);
  if (!station) {
    return [stationGone(track, id, waiting.next, at)];
  }
  const newer = supersederOf(state, rider);
  if (newer) {
    const message = `an image pushed later (Ticket ${newer.ticket}) goes on to ${waiting.next} in its place`;
    return [{ type: 'superseded', ticket: id, by: newer.ticket, message, at }];
  }
  const holder = holderOf(state, station.name);
  if (holder) {
    const { ticket: other, image } = holder.ticket;
    return wait('block', `${station.name} is held by Ticket ${other} (${spellImage(image)})`);
  }
  // A Ticket leaves a Station only while what it brought there is still running and well.
  for (const [key, verdict] of waiting.at && promotion ? verdicts(state, promotion, now, limits) : []) {
    if (verdict.is === 'failed' && verdict.reason === 'RolledBack') {
      return [{ type: 'failed', ticket: id, reason: verdict.reason, message: verdict.message, at }];
    }
    if (verdict.is !== 'arrived') return wait('application', `cannot leave ${waiting.at ?? key}: ${verdict.message}`);
  }
  const held = state.findings?.find((finding) => finding.holds && finding.station === station.name);
  if (held) return wait('application', `cannot enter ${station.name}: ${held.message}`);
  const planned = planPromotion(track, state, station, ticket, now, limits.commitDeadlineMs);
  if ('blocked' in planned) return wait('application', `cannot enter ${station.name}: ${planned.blocked}`);
  return [{ type: 'promotes', ticket: id, station: station.name, ...planned, at }];
}

/** Every part has to be answered before the Station is judged: a block is never given back while a push may follow. */
function collectAnswers(
  { track, rider, now }: Move,
  promotion: Promotion,
  promoting: StateOf<'promoting'>,
): TrackEvent[] {
  const { ticket } = rider.ticket;
  const at = now.toISOString();
  const open = promotion.requests.length - promotion.commits.length - promotion.failures.length;
  if (open > 0) {
    const message = whyUnanswered(promotion, promoting, now);
    return promoting.message === message ? [] : [{ type: 'explained', ticket, message }];
  }
  if (promotion.failures.length > 0) {
    const message = promotion.failures
      .map(({ part, reason, message: why }) => `${reason}: ${why} (${promotion.requests[part]?.repository})`)
      .join('; ');
    return [{ type: 'failed', ticket, reason: 'PromotionFailed', message, at }];
  }
  if (promotedBy(promotion).length === 0) {
    const { repository } = rider.ticket.image;
    const applications = promotion.requests.flatMap((request) => request.applications.map(applicationKey));
    const message = `no kustomization of Station ${promoting.station} (${applications.join(', ')}) has an entry of "images" for ${repository}; add one`;
    return [{ type: 'failed', ticket, reason: 'ImageNotNamed', message, at }];
  }
  const deadlineMs = track.stations.find(({ name }) => name === promoting.station)?.deadlineMs ?? 0;
  const deadline = new Date(Date.parse(promotion.committedAt ?? at) + deadlineMs).toISOString();
  return [{ type: 'syncs', ticket, message: 'committed; waiting for Argo CD', deadline, at }];
}

/** What the promoter said of the parts that it has not answered. */
function whyUnanswered(promotion: Promotion, { notAfter }: StateOf<'promoting'>, now: Date): string {
  const answered = new Set([...promotion.commits, ...promotion.failures].map(({ part }) => part));
  const delays = Object.entries(promotion.delays ?? {}).flatMap(([part, why]) =>
    answered.has(Number(part)) ? [] : why,
  );
  const said = [...new Set(delays)].join('; ');
  if (now.getTime() > Date.parse(notAfter)) {
    const last = said ? `; at last: ${said}` : '';
    return `no answer from the promoter, though nothing may be committed since ${notAfter}${last}; is it running?`;
  }
  return said ? `cannot be committed for now: ${said}; tried again until ${notAfter}` : askedFor(promotion.requests);
}

function awaitArrival(move: Move, promotion: Promotion, syncing: StateOf<'syncing'>): TrackEvent[] {
  const { track, state, rider, now, limits } = move;
  const { ticket } = rider.ticket;
  const at = now.toISOString();
  const here = track.stations.findIndex(({ name }) => name === syncing.station);
  if (here < 0) {
    return [stationGone(track, ticket, syncing.station, at)];
  }
  const judged = verdicts(state, promotion, now, limits);
  // Also of those that had arrived: what flaps is latched, but what has failed has.
  for (const [, verdict] of judged) {
    if (verdict.is === 'failed') {
      return [{ type: 'failed', ticket, reason: verdict.reason, message: verdict.message, at }];
    }
  }
  const arrivals = judged.flatMap(([application, verdict]): TrackEvent[] =>
    verdict.is === 'arrived' && promotion.arrived[application] === undefined
      ? [{ type: 'applicationArrived', ticket, application, revision: verdict.revision, rendered: verdict.rendered }]
      : [],
  );
  if (arrivals.length > 0) return arrivals;
  const missing = judged.filter(([application]) => promotion.arrived[application] === undefined);
  if (missing.length === 0) {
    return [{ type: 'arrived', ticket, station: syncing.station, next: track.stations[here + 1]?.name, at }];
  }
  const message = missing.flatMap(([, verdict]) => ('message' in verdict ? [verdict.message] : [])).join('; ');
  if (isOver(move, syncing.deadline, missing)) {
    const why = `not arrived at ${syncing.station} by ${syncing.deadline}: ${message}`;
    return [{ type: 'failed', ticket, reason: 'DeadlineExceeded', message: why, at }];
  }
  // What is only being asked is not worth an event; the answer will be.
  const isSettled = missing.every(([, verdict]) => verdict.is !== 'asking');
  const explained: TrackEvent[] =
    isSettled && syncing.message !== message ? [{ type: 'explained', ticket, message }] : [];
  return [...explained, ...refreshes(move, promotion, missing)];
}

/**
 * Whether the deadline has passed, and an Application is seen to be late: what arrived while we were away is not. Should
 * none ever be seen again, the age of the Ticket ends it.
 */
function isOver({ state, rider, now, limits }: Move, deadline: string, missing: [string, Verdict][]): boolean {
  if (now.getTime() < Date.parse(deadline)) return false;
  if (now.getTime() >= tooOldAt(rider, limits)) return true;
  return missing.some(([application, verdict]) => {
    const instance = state.sightings[application]?.observed.instance ?? '';
    const isSeen = Date.parse(state.currentAsOf[instance] ?? '') >= Date.parse(deadline);
    return isSeen && verdict.is !== 'asking' && !(verdict.is === 'waiting' && verdict.blind);
  });
}

/** From when on a Ticket that is on its way is too old to go on, in milliseconds since the epoch. */
export function tooOldAt({ ticket }: Rider, { maxAgeMs }: Limits): number {
  return Date.parse(ticket.openedAt) + maxAgeMs;
}

function stationGone({ name }: Track, ticket: string, station: string, at: string): TrackEvent {
  const message = `the tracks file has no Station "${station}" on the Track ${name} any more`;
  return { type: 'failed', ticket, reason: 'StationGone', message, at };
}

function verdicts(state: TrackState, promotion: Promotion, now: Date, limits: Limits): [string, Verdict][] {
  return promotedBy(promotion).map((promoted) => {
    const verdict = judge(evidenceOf(state, promotion, promoted), now, limits);
    // Argo CD and those who wrote the manifests have a say in it.
    return [promoted.key, 'message' in verdict ? { ...verdict, message: oneLine(verdict.message, 2_000) } : verdict];
  });
}

/** The watcher asks for the first one itself when it hears of the commit; a request that meets a no-op is dropped (argo-cd#28392). */
function refreshes({ rider, now, limits }: Move, promotion: Promotion, missing: [string, Verdict][]): TrackEvent[] {
  return missing.flatMap(([application, verdict]): TrackEvent[] => {
    if (verdict.is !== 'waiting' || !verdict.refresh) return [];
    const asked = promotion.refreshes[application];
    if ((asked?.count ?? 0) >= limits.refreshTimes) return [];
    if (now.getTime() < refreshDueAt(promotion, application, limits)) return [];
    const { ticket } = rider.ticket;
    return [{ type: 'refreshAsked', ticket, application, message: verdict.message, at: now.toISOString() }];
  });
}

/** When the next refresh of the Application may be asked for. */
export function refreshDueAt(promotion: Promotion, application: string, { refreshEveryMs }: Limits): number {
  return Date.parse(promotion.refreshes[application]?.askedAt ?? promotion.committedAt ?? '') + refreshEveryMs;
}
