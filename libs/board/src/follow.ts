import type { Tap } from '@k8sta/bus';
import { applicationKey, type DataOf, type Ticket, ticketSchema } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import type { Facts } from './facts.js';

const ticketKeys = 'ticket.';

export interface Follow {
  readonly tap: Pick<Tap, 'newest' | 'states' | 'connection'>;
  readonly tracks: readonly Track[];
  /** The Argo CD instances whose Applications count, by their names on the bus. */
  readonly instances: readonly string[];
  /** Called after each change. */
  readonly onChange: () => void;
}

/**
 * Keeps the facts of these Tracks up to date from the bus. Resolves when they contain everything that was on the bus at the
 * time of the call.
 */
export async function follow({ tap, tracks, instances, onChange }: Follow): Promise<Facts> {
  const tickets = new Map<string, Ticket>();
  const applications = new Map<string, DataOf<'application.observed'> | undefined>();
  const findings = new Map<string, DataOf<'track.checked'>['findings']>();
  const facts: Facts & { disconnectedSince?: Date | undefined } = { tracks, tickets, applications, findings };
  tap.connection((isConnected) => {
    facts.disconnectedSince = isConnected ? undefined : new Date();
    onChange();
  });
  const takeTicket = (key: string, value: string | undefined) => {
    const name = key.slice(ticketKeys.length);
    const ticket = value === undefined ? undefined : readTicket(value);
    if (ticket) tickets.set(name, ticket);
    else tickets.delete(name);
    onChange();
  };
  const takeApplication = (data: DataOf<'application.observed' | 'application.gone'>, isGone: boolean) => {
    const key = applicationKey(data);
    // An Application that moved to another Argo CD is gone from the first one, but still exists.
    const isElsewhere = isGone && (applications.get(key)?.instance ?? data.instance) !== data.instance;
    if (!instances.includes(data.instance) || isElsewhere) return;
    applications.set(key, isGone ? undefined : (data as DataOf<'application.observed'>));
    onChange();
  };
  await Promise.all([
    tap.states(`${ticketKeys}>`, takeTicket),
    tap.newest('K8STA_APPLICATIONS', ({ type, data }) => {
      if (type === 'application.observed' || type === 'application.gone')
        takeApplication(data, type === 'application.gone');
      if (type !== 'track.checked') return;
      findings.set(data.track, data.findings);
      onChange();
    }),
  ]);
  return facts;
}

/** Undefined for a value that this version does not understand: the board then omits that Ticket. */
function readTicket(value: string): Ticket | undefined {
  try {
    return ticketSchema.safeParse(JSON.parse(value)).data;
  } catch {
    return undefined;
  }
}
