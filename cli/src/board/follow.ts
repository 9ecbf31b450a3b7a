import type { Tap } from '@k8sta/bus';
import { applicationKey, type DataOf, type Ticket, ticketSchema } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import type { Facts } from './facts.js';

const ticketKeys = 'ticket.';

/** Keeps the facts of these Tracks up to date from the bus, and says whenever they have changed. */
export async function follow(
  tap: Pick<Tap, 'newest' | 'states'>,
  tracks: readonly Track[],
  instance: string,
  onChange: () => void,
): Promise<Facts> {
  const tickets = new Map<string, Ticket>();
  const applications = new Map<string, DataOf<'application.observed'> | undefined>();
  await tap.states(`${ticketKeys}>`, (key, value) => {
    const name = key.slice(ticketKeys.length);
    const ticket = value === undefined ? undefined : readTicket(value);
    if (ticket) tickets.set(name, ticket);
    else tickets.delete(name);
    onChange();
  });
  const findings = new Map<string, DataOf<'track.checked'>['findings']>();
  await tap.newest('K8STA_APPLICATIONS', ({ type, data }) => {
    if (type === 'track.checked') {
      findings.set(data.track, data.findings);
      onChange();
    }
    if (type !== 'application.observed' && type !== 'application.gone') return;
    if (data.instance !== instance) return;
    applications.set(applicationKey(data), type === 'application.observed' ? data : undefined);
    onChange();
  });
  return { tracks, tickets, applications, findings };
}

/** Undefined for a value that this version does not understand: the board goes on without that train. */
function readTicket(value: string): Ticket | undefined {
  try {
    return ticketSchema.safeParse(JSON.parse(value)).data;
  } catch {
    return undefined;
  }
}
