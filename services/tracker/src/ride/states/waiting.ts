import { gates } from '../gates/index.js';
import { planPromotion } from '../plan-promotion.js';
import { fails, type Situation, type Step, stationGone, tooOldAt } from '../step.js';

/** A Ticket before its next Station: it enters once every gate is open and the commit can be requested. */
export function waiting(situation: Situation<'waiting'>): Step {
  const { track, state, live, at, moment, policy } = situation;
  const end = tooOldAt(situation);
  if (moment.now.getTime() >= end) {
    const message = `open since ${live.ticket.openedAt}, longer than K8STA_TICKET_MAX_AGE_MS allows; last: ${at.message}`;
    return fails(situation, 'MaxAge', message);
  }
  const station = track.stations.find(({ name }) => name === at.next);
  if (!station) return stationGone(situation, at.next);
  const entry = { ...situation, station };
  for (const gate of gates) {
    const step = gate.check(entry);
    if (step && 'waits' in step) return { waits: { ...step.waits, wake: [...step.waits.wake, end] } };
    if (step) return step;
  }
  const planned = planPromotion(track, state, station, live.ticket, moment, policy.commitDeadlineMs);
  if ('blocked' in planned) {
    const { reason, message } = planned.blocked;
    const why = `cannot enter ${station.name}: ${message}`;
    return { waits: { on: 'application', reason, message: why, wake: ['observation', end] } };
  }
  const now = moment.now.toISOString();
  return { events: [{ type: 'promotes', ticket: live.ticket.id, station: station.name, ...planned, at: now }] };
}
