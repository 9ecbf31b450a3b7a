import type { ProposalRef } from '@k8sta/contracts';
import type { TrackEvent } from './event.js';
import { isExpress } from './express.js';
import { newerAt } from './give-way.js';
import { requestedOnceMore } from './plan-promotion.js';
import type { Ending, LiveTicket, Part, Promotion } from './state.js';
import { type Situation, type Step, tooOldAt, tooOldBecause } from './step.js';

/**
 * After how long without a word of the promoter a proposed part is requested again, in milliseconds: its request may have
 * been lost with the streams, and nobody would hear of the merge.
 */
const silentMs = 60 * 60_000;

type Proposed = { readonly request: Part['request']; readonly answer: Extract<Part['answer'], { is: 'proposed' }> };
type Unanswered = Omit<Situation, 'at'> & { readonly at: { readonly station: string } };

/** The parts whose pull request is open. */
export function proposedParts({ parts }: Pick<Promotion, 'parts'>): Proposed[] {
  return parts.flatMap(({ request, answer }) => (answer.is === 'proposed' ? [{ request, answer }] : []));
}

export function proposalsOf(promotion: Promotion): ProposalRef[] {
  return proposedParts(promotion).map(({ answer }) => answer.proposal);
}

/**
 * The events with which a request is withdrawn. The promoter looks at an open pull request only now and then: the request
 * is published again, so that it closes the pull request at once.
 */
export function withdraw(live: LiveTicket, ending: Ending, at: string): [TrackEvent, ...TrackEvent[]] {
  const ticket = live.ticket.id;
  const proposed = live.promotion ? proposedParts(live.promotion) : [];
  return [
    { type: 'withdrawn', ticket, ending, at },
    ...(proposed.length > 0 ? [requestedOnceMore(ticket, proposed, at)] : []),
  ];
}

/** What happens to an open pull request without the promoter: the Ticket gives up, or asks again. */
export function proposalStep(situation: Unanswered, promotion: Promotion): Step | undefined {
  const { live, moment } = situation;
  const proposed = proposedParts(promotion);
  if (proposed.length === 0) return undefined;
  const at = moment.now.toISOString();
  const ending = live.ending ? undefined : endingOf(situation, promotion);
  if (ending) return { events: withdraw(live, ending, at) };
  const silent = proposed.filter(({ answer }) => moment.now.getTime() >= askedAgainAt(answer));
  return silent.length === 0 ? undefined : { events: [requestedOnceMore(live.ticket.id, silent, at)] };
}

/** When to look at the pull requests again, in milliseconds since the epoch. */
export function proposalTimes(situation: Unanswered, promotion: Promotion): number[] {
  const times = proposedParts(promotion).map(({ answer }) => askedAgainAt(answer));
  return times.length === 0 || situation.live.ending ? times : [...times, tooOldAt(situation)];
}

function askedAgainAt({ heardAt }: Proposed['answer']): number {
  return Date.parse(heardAt) + silentMs;
}

/** Why the pull requests are not wanted any more; undefined while they are. */
function endingOf(situation: Unanswered, promotion: Promotion): Ending | undefined {
  const { track, state, live, at, moment } = situation;
  const failure = failureOf(promotion);
  if (failure) return failure;
  // What an operator let pass, or opened, is not for a newer Ticket to undo.
  const isByWord = live.ticket.by !== undefined || isExpress(live, track, at.station);
  const newer = isByWord ? undefined : newerAt(track, state, live, at.station);
  const isRollback = promotion.kind === 'rollback';
  // Half of a rollback is worse than waiting for the other half.
  const isHalfBack = isRollback && promotion.parts.some(({ answer }) => answer.is === 'committed');
  if (newer && !isHalfBack) {
    const message = `Ticket ${newer.ticket} (${newer.tag}) is newer and goes on in its place: its pull request was not merged yet`;
    return { is: 'superseded', by: newer.ticket, reason: 'GaveWay', message };
  }
  if (moment.now.getTime() < tooOldAt(situation)) return undefined;
  return { is: 'failed', reason: 'MaxAge', message: tooOldBecause(situation, 'its pull request was not merged') };
}

/** One part has failed, so that the Ticket fails: nobody is to merge the others. */
function failureOf(promotion: Promotion): Ending | undefined {
  const failures = failuresOf(promotion);
  if (failures.length === 0) return undefined;
  return { is: 'failed', reason: failureReason(promotion), message: failures.join('; ') };
}

/** What the promoter says about the parts that it will not commit. */
export function failuresOf({ parts }: Promotion): string[] {
  return parts.flatMap(({ request, answer }) =>
    answer.is === 'failed' ? [`${answer.reason}: ${request.repository}: ${answer.message}`] : [],
  );
}

/** A closed pull request is a person's decision, and no fault of the promotion. */
export function failureReason({ parts }: Promotion): 'ProposalClosed' | 'PromotionFailed' {
  const reasons = parts.flatMap(({ answer }) => (answer.is === 'failed' ? [answer.reason] : []));
  const isClosed = reasons.includes('ProposalClosed');
  const hasOthers = reasons.some((reason) => reason !== 'ProposalClosed' && reason !== 'Withdrawn');
  return isClosed && !hasOthers ? 'ProposalClosed' : 'PromotionFailed';
}
