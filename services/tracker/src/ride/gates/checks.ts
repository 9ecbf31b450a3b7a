import { requestOf } from '../checks.js';
import type { Gate } from './gate.js';

/** Every check of the Station must have passed. A check that failed ends the Ticket at the Station that was checked. */
export const checks: Gate = {
  name: 'checks',
  isPassable: true,
  check(entry) {
    const { live, station } = entry;
    const open = station.gates.checks.filter(
      ({ name }) => live.checks?.[`${station.name}/${name}`]?.outcome !== 'passed',
    );
    const [first] = open;
    if (!first) return undefined;
    const unasked = open.find(({ name }) => !live.checks?.[`${station.name}/${name}`]);
    if (unasked) return { events: [requestOf(entry, station.name, unasked)] };
    const ends = open.map(({ name }) => Date.parse(live.checks?.[`${station.name}/${name}`]?.until ?? ''));
    const until = Math.min(...ends);
    const names = open.map(({ name }) => name).join(', ');
    const message = `${station.name} waits for ${open.length === 1 ? 'the check' : 'the checks'} ${names}, until ${new Date(until).toISOString()}`;
    return { waits: { on: 'gate', reason: 'CheckPending', message, wake: ['word', until], until } };
  },
};
