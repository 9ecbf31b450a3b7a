import { isAwaited } from '../awaited.js';
import { follow } from '../follow.js';
import { proposalStep } from '../proposals.js';
import { fails, type Situation, type Step, stationGone } from '../step.js';
import { unanswered } from '../unanswered.js';

/** The Station failed, and its Applications go back to what ran there before. It keeps the block until they have. */
export function rollingBack(situation: Situation<'rollingBack'>): Step {
  const { track, live, at, moment } = situation;
  const { promotion } = live;
  const station = track.stations.find(({ name }) => name === at.station);
  const { reason, message } = at.failure;
  const parts = promotion?.parts ?? [];
  if (promotion && parts.some(isAwaited)) {
    const step = proposalStep(situation, promotion);
    if (step) return step;
    const wait = unanswered(situation, promotion);
    return { waits: { ...wait, message: `${message}; going back to ${at.to}: ${wait.message}` } };
  }
  if (!station || !promotion) {
    return fails(situation, reason, `${message}; ${stationGone(situation, at.station).message}`);
  }
  const refusals = parts.flatMap(({ answer }) => (answer.is === 'failed' ? [answer] : []));
  const said = refusals.map((refusal) => `${refusal.reason}: ${refusal.message}`).join('; ');
  if (refusals.length > 0 && refusals.every((refusal) => refusal.reason === 'ChangedByOther')) {
    return fails(situation, reason, `${message}; not rolled back, because a person changed the Station: ${said}`);
  }
  const { ending } = live;
  if (ending && refusals.length === parts.length) {
    return fails(situation, reason, `${message}; not rolled back: ${ending.message}`);
  }
  if (refusals.length > 0) return fails(situation, 'RollbackFailed', `${message}; the rollback failed: ${said}`);
  const now = moment.now.toISOString();
  const ticket = live.ticket.id;
  const { deadline } = at;
  if (deadline === undefined) {
    const ends = new Date(Date.parse(promotion.committedAt ?? now) + station.deadlineMs).toISOString();
    return { events: [{ type: 'syncs', ticket, deadline: ends, at: now }] };
  }
  return follow({
    ...{ situation, promotion, deadline },
    arrived: () => ({
      events: [
        { type: 'rolledBack', ticket, station: at.station, at: now },
        { type: 'failed', ticket, reason: 'RolledBack', message: `${message}; back at ${at.to}`, at: now },
      ],
    }),
    failed: (failure, why) =>
      fails(situation, 'RollbackFailed', `${message}; the rollback to ${at.to} failed: ${failure}: ${why}`),
  });
}
