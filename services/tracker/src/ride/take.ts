import { isDeepStrictEqual } from 'node:util';
import { isRelevant } from '@k8sta/applications';
import { applicationKey, type PartCommit, type Ticket } from '@k8sta/contracts';
import { unreachable } from '@k8sta/text';
import type { Station, Track } from '@k8sta/tracks';
import { isOlder, isOlderProject } from '../observation.js';
import type { Input, TrackEvent } from './event.js';
import { projectKey } from './evidence.js';
import { isNewer, laneOrderOf } from './lane.js';
import type { Part, TrackState } from './state.js';

type InputOf<Type extends Input['type']> = Extract<Input, { type: Type }>;

/** The events of the input itself; none if it is known already, because every message may be redelivered. */
export function take(track: Track, state: TrackState, input: Input, now: Date): TrackEvent[] {
  switch (input.type) {
    case 'open':
      return open(track, state, input, now);
    case 'word':
      return [];
    case 'committed':
    case 'delayed':
    case 'failed':
      return takeAnswer(state, input);
    case 'observed': {
      const known = state.observations[applicationKey(input.data)];
      if (!isRelevant(track, state.observations, input.data) || (known && isOlder(input.data, known))) return [];
      return [{ type: 'observed', observed: input.data }];
    }
    case 'gone':
      return takeGone(state, input);
    case 'project': {
      const { instance, name } = input.data;
      const known = state.projects[projectKey(instance, name)];
      if (known && isOlderProject(input.data, known)) return [];
      // A project without windows explains no wait, so it is kept only if it had windows before.
      return known || input.data.syncWindows.length > 0 ? [{ type: 'projectObserved', observed: input.data }] : [];
    }
    case 'answered': {
      const { ticket, promotion, application, of, relation } = input;
      // The answer may be about a Station that the Ticket has left.
      if (state.tickets[ticket]?.promotion?.id !== promotion) return [];
      return [{ type: 'related', ticket, application, of, relation }];
    }
    case 'checked': {
      if (isDeepStrictEqual(input.findings, state.findings)) return [];
      return [{ type: 'checked', findings: input.findings, at: now.toISOString() }];
    }
    case 'streamsLost':
      return Object.values(state.tickets).flatMap(({ ticket, promotion }): TrackEvent[] => {
        const open = promotion?.parts.filter(({ answer }) => answer.is === 'open') ?? [];
        if (ticket.state.is !== 'promoting' || open.length === 0) return [];
        const requests = open.map(({ request }) => ({ ...request, issue: request.issue + 1 }));
        return [{ type: 'reissued', ticket: ticket.id, requests }];
      });
    case 'tick':
      return [];
    default:
      return unreachable('input', input);
  }
}

function open(track: Track, state: TrackState, input: InputOf<'open'>, now: Date): TrackEvent[] {
  const { ticket: id, image, sender, pushedAt } = input.data;
  if (state.tickets[id]) return [];
  const [first] = track.stations as [Station, ...Station[]];
  const at = now.toISOString();
  const ticket: Ticket = {
    id,
    track: track.name,
    image,
    sender,
    pushedAt,
    sequence: input.sequence,
    receivedAt: input.receivedAt,
    openedAt: at,
    ...(input.traceparent ? { traceparent: input.traceparent } : {}),
    state: {
      is: 'waiting',
      next: first.name,
      on: 'block',
      reason: 'Opened',
      message: `opened; next is ${first.name}`,
      since: at,
    },
    stations: [],
  };
  const opened: TrackEvent = { type: 'opened', ticket };
  const newest = state.lanes[image.repository]?.newest;
  if (newest && isNewer(newest, laneOrderOf(ticket))) {
    const message = `Ticket ${newest.ticket} has an image that was pushed later`;
    return [opened, { type: 'superseded', ticket: id, by: newest.ticket, message, at }];
  }
  return [opened];
}

function takeAnswer(state: TrackState, input: InputOf<'committed' | 'delayed' | 'failed'>): TrackEvent[] {
  const { ticket, promotion, part } = input.data;
  const awaited = awaitedPart(state, ticket, promotion, part);
  if (!awaited) return [];
  switch (input.type) {
    case 'committed': {
      const { repository, branch, revision, commit, applications, committedAt } = input.data;
      const record: PartCommit = { part, repository, branch, revision, applications, ...(commit ? { commit } : {}) };
      return [{ type: 'partCommitted', ticket, commit: record, at: committedAt }];
    }
    case 'delayed': {
      const { message } = input.data;
      const isKnown = awaited.answer.is === 'open' && awaited.answer.delay === message;
      return isKnown ? [] : [{ type: 'partDelayed', ticket, part, message }];
    }
    case 'failed': {
      const { reason, message } = input.data;
      return [{ type: 'partFailed', ticket, part, reason, message }];
    }
    default:
      return unreachable('answer', input);
  }
}

function takeGone(state: TrackState, { data }: InputOf<'gone'>): TrackEvent[] {
  const application = applicationKey(data);
  const known = state.observations[application];
  const { uid, resourceVersion } = data;
  if (!known || known.gone || known.observed.uid !== uid) return [];
  if (resourceVersion && BigInt(resourceVersion) < BigInt(known.observed.resourceVersion)) return [];
  return [{ type: 'gone', application, ...(resourceVersion && { resourceVersion }) }];
}

/** The part of this promotion if it has no answer yet. */
export function awaitedPart(state: TrackState, ticket: string, promotion: string, part: number): Part | undefined {
  const live = state.tickets[ticket];
  if (live?.ticket.state.is !== 'promoting' || live.promotion?.id !== promotion) return undefined;
  return live.promotion.parts.find(({ request, answer }) => request.part === part && answer.is === 'open');
}
