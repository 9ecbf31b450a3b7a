import type { openStates, TicketState } from '@k8sta/contracts';
import type { Situation, Step } from '../step.js';
import { promoting } from './promoting.js';
import { rollingBack } from './rolling-back.js';
import { syncing } from './syncing.js';
import { waiting } from './waiting.js';

type OpenState = (typeof openStates)[number];

const handlers: { [Is in OpenState]: (situation: Situation<Is>) => Step } = {
  waiting,
  promoting,
  syncing,
  rollingBack,
};

/** What happens next to the Ticket in its state; a Ticket that has ended leaves the Track. */
export function nextStep(situation: Omit<Situation, 'at'>): Step {
  const at: TicketState = situation.live.ticket.state;
  switch (at.is) {
    case 'waiting':
      return handlers.waiting({ ...situation, at });
    case 'promoting':
      return handlers.promoting({ ...situation, at });
    case 'syncing':
      return handlers.syncing({ ...situation, at });
    case 'rollingBack':
      return handlers.rollingBack({ ...situation, at });
    default:
      return { events: [{ type: 'left', ticket: situation.live.ticket.id }] };
  }
}
