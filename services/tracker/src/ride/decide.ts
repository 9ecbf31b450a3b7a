import { isDeepStrictEqual } from 'node:util';
import { applicationKey, type PartCommit, type Ticket } from '@k8sta/contracts';
import type { Station, Track } from '@k8sta/tracks';
import type { Input, TrackEvent } from './event.js';
import { projectKey } from './evidence.js';
import { evolve } from './evolve.js';
import { isNewer, laneOrderOf } from './lane.js';
import { isRidden } from './members.js';
import { moveOn } from './move.js';
import { isOlder, isOlderProject } from './sighting.js';
import type { TrackState } from './state.js';

/** How long things may take, in milliseconds. */
export interface Limits {
  /** Until when a commit may be made, from the request. */
  readonly commitDeadlineMs: number;
  /** How long a Ticket may be open. */
  readonly maxAgeMs: number;
  /** How long the id of a Ticket whose ride is over is remembered. */
  readonly rememberMs: number;
  /** How old the watcher's picture may be for an arrival or a departure to be decided on it. */
  readonly pictureMs: number;
  /** How long an Application may be Degraded before its Station fails. */
  readonly degradedGraceMs: number;
  /** Between two requests for a refresh of one Application, and how many there may be for one promotion. */
  readonly refreshEveryMs: number;
  readonly refreshTimes: number;
  /** For how long nothing may have changed before what is Synced and Healthy has arrived. */
  readonly settleMs: number;
  /** Until a question that could not be answered is asked again. */
  readonly askAgainMs: number;
}

/**
 * Everything that follows from an input: first what it says, then, Ticket by Ticket, what can now happen, until nothing
 * more can. No clock, no randomness, no input or output.
 */
export function decide(track: Track, state: TrackState, input: Input, now: Date, limits: Limits): TrackEvent[] {
  const events = [...take(track, state, input, now), ...forget(state, now, limits)];
  let next = events.reduce(evolve, state);
  for (;;) {
    const more = moveOn(track, next, now, limits);
    if (more.length === 0) return events;
    events.push(...more);
    next = more.reduce(evolve, next);
  }
}

/** What the input itself says; nothing when it was known already, because everything on the bus may come twice. */
function take(track: Track, state: TrackState, input: Input, now: Date): TrackEvent[] {
  switch (input.type) {
    case 'open':
      return open(track, state, input, now);
    case 'committed': {
      const { ticket, promotion, part, committedAt } = input.data;
      if (!isAwaited(state, ticket, promotion, part)) return [];
      const { repository, branch, revision, commit, applications } = input.data;
      const record: PartCommit = { part, repository, branch, revision, applications, ...(commit ? { commit } : {}) };
      return [{ type: 'partCommitted', ticket, commit: record, at: committedAt }];
    }
    case 'delayed': {
      const { ticket, promotion, part, message } = input.data;
      if (!isAwaited(state, ticket, promotion, part)) return [];
      if (state.riders[ticket]?.promotion?.delays?.[part] === message) return [];
      return [{ type: 'partDelayed', ticket, part, message }];
    }
    case 'failed': {
      const { ticket, promotion, part, reason, message } = input.data;
      if (!isAwaited(state, ticket, promotion, part)) return [];
      return [{ type: 'partFailed', ticket, part, reason, message }];
    }
    case 'observed': {
      const known = state.sightings[applicationKey(input.data)];
      if (!isRidden(track, state, input.data) || (known && isOlder(input.data, known))) return [];
      return [{ type: 'sighted', observed: input.data }];
    }
    case 'gone': {
      const known = state.sightings[applicationKey(input.data)];
      const { uid, resourceVersion } = input.data;
      if (!known || known.gone || known.observed.uid !== uid) return [];
      if (resourceVersion && BigInt(resourceVersion) < BigInt(known.observed.resourceVersion)) return [];
      return [{ type: 'gone', application: applicationKey(input.data), ...(resourceVersion && { resourceVersion }) }];
    }
    case 'project': {
      const { instance, name } = input.data;
      const known = state.projects?.[projectKey(instance, name)];
      if (known && isOlderProject(input.data, known)) return [];
      // One without windows explains nothing, unless it had some before.
      return known || input.data.syncWindows.length > 0 ? [{ type: 'projectSighted', observed: input.data }] : [];
    }
    case 'current': {
      const { instance, asOf } = input.data;
      const known = state.currentAsOf[instance];
      if (known && Date.parse(known) >= Date.parse(asOf)) return [];
      return [{ type: 'pictureCurrent', instance, asOf }];
    }
    case 'answered': {
      return state.riders[input.ticket]?.promotion ? [{ ...input, type: 'learnt' }] : [];
    }
    case 'checked': {
      if (isDeepStrictEqual(input.findings, state.findings ?? [])) return [];
      return [{ type: 'checked', findings: input.findings, at: now.toISOString() }];
    }
    case 'streamsLost':
      return Object.values(state.riders).flatMap(({ ticket: { ticket }, promotion }) => {
        const open = promotion?.requests.filter(({ part }) => isAwaited(state, ticket, promotion.id, part)) ?? [];
        if (open.length === 0) return [];
        return [{ type: 'reissued', ticket, requests: open.map((each) => ({ ...each, issue: each.issue + 1 })) }];
      });
    case 'tick':
      return [];
    default:
      throw new TypeError(`no such input: ${JSON.stringify(input satisfies never)}`);
  }
}

function open(track: Track, state: TrackState, input: Extract<Input, { type: 'open' }>, now: Date): TrackEvent[] {
  const { ticket: id, image, sender, pushedAt } = input.data;
  if (isKnown(state, id)) return [];
  const [first] = track.stations as [Station, ...Station[]];
  const at = now.toISOString();
  const message = `opened; next is ${first.name}`;
  const ticket: Ticket = {
    ticket: id,
    track: track.name,
    image,
    sender,
    pushedAt,
    sequence: input.sequence,
    receivedAt: input.receivedAt,
    openedAt: at,
    ...(input.traceparent ? { traceparent: input.traceparent } : {}),
    state: { is: 'waiting', next: first.name, on: 'block', message, since: at },
    stations: [],
  };
  const opened: TrackEvent = { type: 'opened', ticket };
  const newest = state.lanes[image.repository]?.newest;
  if (newest && isNewer(newest, laneOrderOf(ticket))) {
    const why = `an image pushed later (Ticket ${newest.ticket}) has been taken already`;
    return [opened, { type: 'superseded', ticket: id, by: newest.ticket, message: why, at }];
  }
  return [opened];
}

/** Whether the Ticket rides the Track, or did. */
export function isKnown({ riders, closed }: TrackState, ticket: string): boolean {
  return riders[ticket] !== undefined || closed[ticket] !== undefined;
}

/** Whether the part of this promotion is still without an answer. */
export function isAwaited(state: TrackState, ticket: string, promotion: string, part: number): boolean {
  const rider = state.riders[ticket];
  return (
    rider?.ticket.state.is === 'promoting' &&
    rider.promotion?.id === promotion &&
    rider.promotion.requests.some((request) => request.part === part) &&
    !rider.promotion.commits.some((commit) => commit.part === part) &&
    !rider.promotion.failures.some((reason) => reason.part === part)
  );
}

function forget(state: TrackState, now: Date, { rememberMs }: Limits): TrackEvent[] {
  return Object.entries(state.closed)
    .filter(([, closedAt]) => now.getTime() - Date.parse(closedAt) > rememberMs)
    .map(([ticket]) => ({ type: 'forgotten', ticket }));
}
