import { isDeepStrictEqual } from 'node:util';
import { isRelevant } from '@k8sta/applications';
import { applicationKey } from '@k8sta/contracts';
import { unreachable } from '@k8sta/text';
import type { Track } from '@k8sta/tracks';
import { isOlder, isOlderProject } from '../observation.js';
import type { Input, InputOf, TrackEvent } from './event.js';
import { projectKey } from './evidence.js';
import { open } from './open.js';
import type { TrackState } from './state.js';
import { publishAgain } from './streams-lost.js';
import { takeAnswer } from './take-answer.js';
import { takeWord } from './words.js';

/** The events of the input itself; none if it is known already, because every message may be redelivered. */
export function take(track: Track, state: TrackState, input: Input, now: Date): TrackEvent[] {
  switch (input.type) {
    case 'open':
      return open(track, state, input, now);
    case 'word':
      return takeWord(track, state, input, now);
    case 'committed':
    case 'delayed':
    case 'proposed':
    case 'failed':
      return takeAnswer(track, state, input, now);
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
    case 'standing': {
      const { type: _type, ...answered } = input;
      return [{ type: 'standingRelated', ...answered }];
    }
    case 'elsewhere':
      return askAgain(state, input);
    case 'elsewhereKnown':
      return takeElsewhere(state, input, now);
    case 'streamsLost':
      return publishAgain(track, state, now);
    case 'tick':
      return [];
    default:
      return unreachable('input', input);
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

/** What is known of this Ticket, or of arrivals at this Station, may have changed. */
function askAgain({ tickets }: TrackState, { track, ticket, station }: InputOf<'elsewhere'>): TrackEvent[] {
  return Object.values(tickets).flatMap(({ ticket: { id }, after, children }): TrackEvent[] => {
    const isAwaited = station !== undefined && after?.[`${track}/${station}`]?.is === undefined;
    const child = children?.[track];
    const isOpen = child?.ticket === ticket && child.is === undefined;
    return [
      ...(isAwaited && after?.[`${track}/${station}`]
        ? [{ type: 'elsewhereKnown', ticket: id, about: { is: 'arrival', track, station } } as const]
        : []),
      ...(isOpen ? [{ type: 'elsewhereKnown', ticket: id, about: { is: 'child', track, ticket } } as const] : []),
    ];
  });
}

/** A superseded child counts as its successor. */
function takeElsewhere(state: TrackState, input: InputOf<'elsewhereKnown'>, now: Date): TrackEvent[] {
  const { ticket, about, is, by, message } = input;
  const live = state.tickets[ticket];
  if (!live) return [];
  // The answer may be older than what is known, or about a Ticket that another has replaced.
  const before = about.is === 'child' ? live.children?.[about.track] : live.after?.[`${about.track}/${about.station}`];
  if (before?.is !== undefined || (about.is === 'child' && live.children?.[about.track]?.ticket !== about.ticket))
    return [];
  if (about.is === 'child' && is === 'superseded' && by !== undefined) {
    return [{ type: 'childSucceeded', ticket, track: about.track, by }];
  }
  const known = { ...(is !== undefined && { is }), ...(message !== undefined && { message }) };
  return [{ type: 'elsewhereKnown', ticket, about, ...known, askedAt: now.toISOString() }];
}
