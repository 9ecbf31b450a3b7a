import type { TicketFailure } from '@k8sta/contracts';
import { planRollback, whatStays } from './rollback.js';
import { endOf, fails, type Situation, type Step } from './step.js';

/** A Ticket in any state. */
type Anywhere = Omit<Situation, 'at'>;

/**
 * The Ticket fails at a Station: by its `onFailure` it is rolled back once, or it ends and its commit stays. What a person
 * changed is never rolled back.
 */
export function failStation(situation: Anywhere, name: string, reason: TicketFailure, message: string): Step {
  const { track, live } = situation;
  const { promotion, ending } = live;
  if (reason === 'ChangedByOther' || promotion?.station !== name) return ended(situation, name, reason, message);
  const isWanted = track.stations.find((station) => station.name === name)?.onFailure === 'rollback';
  const rollback = isWanted && promotion.kind !== 'rollback' ? planRollback(situation, { reason, message }) : undefined;
  if (rollback && 'type' in rollback) return { events: [rollback] };
  const why = rollback ? `${message}; not rolled back: ${rollback.impossible}` : message;
  return ended(situation, name, reason, `${why}${ending ? '' : whatStays(promotion)}`);
}

/** A Ticket that was to end anyway ends so. */
function ended(situation: Anywhere, station: string, reason: TicketFailure, message: string): Step {
  const { ending } = situation.live;
  const said = ending && endOf(situation, { ...ending, message: `${ending.message}; ${message}` }, station);
  return said ?? fails(situation, reason, message);
}
