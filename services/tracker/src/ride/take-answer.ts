import type { PartCommit } from '@k8sta/contracts';
import { sanitizeLine, unreachable } from '@k8sta/text';
import type { Track } from '@k8sta/tracks';
import { awaitedPart } from './awaited.js';
import type { InputOf, TrackEvent } from './event.js';
import { requestedOnceMore } from './plan-promotion.js';
import type { Ending, Part, TrackState } from './state.js';

/** The events of what the promoter says about a part; none if the part is not awaited, or if it says nothing new. */
export function takeAnswer(
  track: Track,
  state: TrackState,
  input: InputOf<'committed' | 'delayed' | 'proposed' | 'failed'>,
  now: Date,
): TrackEvent[] {
  const { ticket, promotion, part } = input.data;
  const awaited = awaitedPart(state, ticket, promotion, part);
  if (!awaited) return [];
  const at = now.toISOString();
  switch (input.type) {
    case 'committed':
      return takeCommit(track, input);
    case 'proposed':
      return takeProposal(awaited, state.tickets[ticket]?.ending, input, at);
    case 'delayed': {
      const { message } = input.data;
      const { answer } = awaited;
      const known = answer.is === 'open' ? answer.delay : answer.is === 'proposed' ? answer.message : undefined;
      return known === message ? [] : [{ type: 'partDelayed', ticket, part, message, at }];
    }
    case 'failed': {
      const { reason, message } = input.data;
      if (isOutdated(awaited, input)) return [];
      return [{ type: 'partFailed', ticket, part, reason, message }];
    }
    default:
      return unreachable('answer', input);
  }
}

function takeCommit(track: Track, { data }: InputOf<'committed'>): TrackEvent[] {
  const { ticket, station: name, part, repository, branch, revision, commit, applications, committedAt } = data;
  const { proposal, mergedBy } = data;
  const record: PartCommit = {
    ...{ part, repository, branch, revision, applications },
    ...(commit !== undefined && { commit }),
    ...(proposal && { proposal }),
    ...(mergedBy !== undefined && { mergedBy }),
  };
  const station = track.stations.find((each) => each.name === name);
  const isApproved = mergedBy !== undefined && station?.gates.approval?.byMerge;
  return [
    { type: 'partCommitted', ticket, commit: record, at: committedAt },
    ...(isApproved ? [{ type: 'approved', ticket, station: name, by: mergedBy } as const] : []),
  ];
}

function takeProposal(
  awaited: Part,
  ending: Ending | undefined,
  { data }: InputOf<'proposed'>,
  at: string,
): TrackEvent[] {
  const { answer } = awaited;
  const { ticket, part, provider, number, proposedAt: since } = data;
  const url = sanitizeLine(data.url, 2_048);
  // A repeat, or one that was closed when the part was requested again.
  if (answer.is === 'proposed' && answer.proposal.number >= number) return [];
  return [
    { type: 'partProposed', ticket, part, proposal: { provider, number, url }, since, at },
    // The request was withdrawn while the promoter opened it.
    ...(ending ? [requestedOnceMore(ticket, [awaited], at)] : []),
  ];
}

/**
 * The promoter may still commit a part that was requested again after this answer. What a person has closed stays closed,
 * however often it was requested.
 */
function isOutdated({ request, answer }: Part, { data: { issue, reason } }: InputOf<'failed'>): boolean {
  if (answer.is === 'proposed' && reason === 'ProposalClosed') return false;
  return (issue ?? request.issue) < request.issue;
}
