import type { Play } from './play.js';
import { insist } from './stage.js';

export const junction: Play = {
  name: 'junction',
  what: 'After dev, the Ticket opens one Ticket on each of two Tracks, and completes when both have.',
  line: {
    stations: { dev: ['storefront-dev'] },
    branches: {
      emea: { prod: ['storefront-emea'] },
      apac: { stage: ['storefront-apac-stage'], prod: ['storefront-apac'] },
    },
  },
  async act({ push, event, events }) {
    const ticket = await push('1.4.2');
    const { data } = await event('ticket.completed', (each) => each.data.ticket === ticket);
    const children = events('ticket.opened').filter((each) => each.data.parent?.ticket === ticket);
    const ended = events('ticket.completed').map((each) => each.data.ticket);
    insist(children.length === 2, `the junction opened ${children.length} Tickets`);
    insist(
      children.every((child) => ended.includes(child.data.ticket)),
      'the Ticket completed before its children',
    );
    const names = children.map((child) => `${child.data.track}: ${child.data.ticket}`).join(', ');
    return `Ticket ${ticket} completed after ${data.stations.length} Stations, when the Tickets that it opened had (${names})`;
  },
};
