import { formatImage, type TicketFailure } from '@k8sta/contracts';
import { holderOf, laneOf } from './lane.js';
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
  if (!isWanted) return ended(situation, name, reason, `${message}${whatStays(promotion)}`);
  const inTheWay = whatIsInTheWay(situation, name);
  if (inTheWay && 'waits' in inTheWay) {
    const why = `${message}; goes back once ${inTheWay.waits}`;
    return { waits: { on: 'application', reason: 'BlockHeld', message: why, wake: ['blockFreed'] } };
  }
  const why = ending ? `${ending.message}; ${message}` : message;
  const rollback = inTheWay ?? planRollback(situation, { reason, message: why });
  if ('type' in rollback) return { events: [rollback] };
  return ended(situation, name, reason, `${message}; not rolled back: ${rollback.impossible}${whatStays(promotion)}`);
}

/** A Ticket that waits at the Station no longer holds its block: another may be there, or on its way. */
function whatIsInTheWay(
  { state, live }: Anywhere,
  station: string,
): { impossible: string } | { waits: string } | undefined {
  // The operator's rollback brought it here.
  if (live.lastStop !== undefined) return { impossible: 'this was the rollback' };
  const there = laneOf(state, live)?.standing[station];
  if (there && there.ticket !== live.ticket.id) return { impossible: `Ticket ${there.ticket} has replaced it since` };
  const holder = holderOf(state, station)?.ticket;
  if (!holder || holder.id === live.ticket.id) return undefined;
  const held = `Ticket ${holder.id} (${formatImage(holder.image)})`;
  return holder.image.repository === live.ticket.image.repository
    ? { impossible: `${held} replaces it` }
    : { waits: `${held} gives ${station} back` };
}

/** A Ticket that was to end anyway ends so. */
function ended(situation: Anywhere, station: string, reason: TicketFailure, message: string): Step {
  const { ending } = situation.live;
  const said = ending && endOf(situation, { ...ending, message: `${ending.message}; ${message}` }, station);
  return said ?? fails(situation, reason, message);
}
