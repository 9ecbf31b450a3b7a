import { applicationKey } from '@k8sta/contracts';
import { isAwaited } from '../awaited.js';
import { promotedBy } from '../evidence.js';
import { isExpress } from '../express.js';
import { failStation } from '../fail-station.js';
import { pausedBecause } from '../gates/pause.js';
import { failureReason, failuresOf, proposalStep, proposalsOf, withdraw } from '../proposals.js';
import type { Promotion } from '../state.js';
import { endOf, fails, type Situation, type Step, stationGone } from '../step.js';
import { unanswered } from '../unanswered.js';

type Promoting = Situation<'promoting'>;

/** Every part must be answered before the Station is judged: a Ticket keeps its block while a push may follow. */
export function promoting(situation: Promoting): Step {
  const { track, live, at, moment } = situation;
  const { promotion, ending } = live;
  const ticket = live.ticket.id;
  const now = moment.now.toISOString();
  if (!promotion) return fails(situation, 'PromotionFailed', 'the promotion is missing from the state of the Track');
  const { parts } = promotion;
  const station = track.stations.find(({ name }) => name === at.station);
  if (!station && !ending) {
    return { events: withdraw(live, stationGone(situation, at.station), now) };
  }
  if (parts.some(isAwaited)) {
    return proposalStep(situation, promotion) ?? { waits: waitForAnswer(situation, promotion) };
  }
  const hasCommitted = parts.some(({ answer }) => answer.is === 'committed' && answer.commit.commit);
  if (ending && !hasCommitted) {
    const { message } = ending;
    return endOf(situation, ending) ?? { events: [{ type: 'returned', ticket, message, at: now }] };
  }
  const refused = parts.flatMap(({ answer }) => (answer.is === 'failed' ? [answer] : []));
  const isWithdrawn = refused.length > 0 && refused.every(({ reason }) => reason === 'Withdrawn');
  if (station && ending?.is === 'paused' && isWithdrawn) return requestAgain(situation, promotion);
  const failures = failuresOf(promotion).join('; ');
  const failure = failureReason(promotion);
  // There is nothing to roll back.
  if (failure === 'ProposalClosed' && !hasCommitted) return fails(situation, failure, failures);
  if (failures !== '') return failStation(situation, at.station, failure, failures);
  if (promotedBy(promotion).length === 0) {
    const { repository } = live.ticket.image;
    const applications = parts.flatMap(({ request }) => request.applications.map(applicationKey));
    const message = `no Application of Station ${at.station} (${applications.join(', ')}) uses ${repository}; correct the Station, or say under "edit" where the tag is`;
    return fails(situation, 'ImageNotNamed', message);
  }
  const deadline = new Date(Date.parse(promotion.committedAt ?? now) + (station?.deadlineMs ?? 0)).toISOString();
  return { events: [{ type: 'syncs', ticket, deadline, at: now }] };
}

/** Some parts are committed and the others withdrawn: the Ticket keeps the block, and requests those after the pause. */
function requestAgain({ track, state, live, at, moment, policy }: Promoting, { parts }: Promotion): Step {
  const withdrawn = parts.filter(({ answer }) => answer.is === 'failed');
  const paused = isExpress(live, track, at.station) ? undefined : pausedBecause(state, track.name, at.station);
  if (paused !== undefined) {
    const message = `${paused}; ${parts.length - withdrawn.length} of ${parts.length} commits are on their branches already`;
    return { waits: { reason: 'Paused', message, wake: ['word'] } };
  }
  const requestedAt = moment.now.toISOString();
  const notAfter = new Date(moment.now.getTime() + policy.commitDeadlineMs).toISOString();
  const requests = withdrawn.map(({ request }) => ({ ...request, issue: request.issue + 1, requestedAt, notAfter }));
  return { events: [{ type: 'requestedAgain', ticket: live.ticket.id, requests, at: requestedAt }] };
}

function waitForAnswer(situation: Promoting, promotion: Promotion) {
  const { ending } = situation.live;
  const wait = unanswered(situation, promotion);
  if (!ending) return wait;
  const open = proposalsOf(promotion).map(({ url }) => url);
  const what = open.length === 0 ? 'the commit is withdrawn' : `${open.join(', ')} is to be closed`;
  const message = `${ending.message}; ${what}, and the promoter has not answered yet`;
  return { ...wait, reason: 'Withdrawn', message } as const;
}
