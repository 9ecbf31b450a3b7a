import type { Tap } from '@k8sta/bus';
import { applicationKey, type DataOf, type Ticket, ticketSchema } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import type { Facts, Word } from './facts.js';
import { applyToPauses, type Pause } from './pauses.js';

const ticketKeys = 'ticket.';

/** How many of the last words of operators the board remembers. */
const wordsKept = 1_000;

/** What has changed: a Track's Tickets, findings or words, an Application, or the connection to the bus. */
export type Change =
  | { readonly of: 'track'; readonly track: string }
  | { readonly of: 'ticket'; readonly track: string; readonly id: string; readonly ticket: Ticket | undefined }
  | { readonly of: 'word'; readonly track: string }
  | { readonly of: 'application'; readonly key: string }
  | { readonly of: 'connection' };

export interface Follow {
  readonly tap: Pick<Tap, 'newest' | 'states' | 'recorded' | 'connection'>;
  readonly tracks: readonly Track[];
  /** The Argo CD instances whose Applications count, by their names on the bus. */
  readonly instances: readonly string[];
  /** Called after each change. */
  readonly onChange: (change: Change) => void;
}

/**
 * Keeps the facts of these Tracks up to date from the bus. Resolves when they contain everything that was on the bus at the
 * time of the call.
 */
export async function follow({ tap, tracks, instances, onChange }: Follow): Promise<Facts> {
  const tickets = new Map<string, Ticket>();
  const applications = new Map<string, DataOf<'application.observed'> | undefined>();
  const findings = new Map<string, DataOf<'track.checked'>['findings']>();
  const words: Word[] = [];
  const pauses = new Map<string, Pause>();
  const facts: Facts & { disconnectedSince?: Date | undefined } = {
    ...{ tracks, tickets, applications, findings, words, pauses },
  };
  tap.connection((isConnected) => {
    facts.disconnectedSince = isConnected ? undefined : new Date();
    onChange({ of: 'connection' });
  });
  const takeTicket = (key: string, value: string | undefined) => {
    const name = key.slice(ticketKeys.length);
    const ticket = value === undefined ? undefined : readTicket(value);
    if (ticket) tickets.set(name, ticket);
    else tickets.delete(name);
    const [track = '', id = ''] = name.split('.');
    onChange({ of: 'ticket', track, id, ticket });
  };
  const takeApplication = (data: DataOf<'application.observed' | 'application.gone'>, isGone: boolean) => {
    const key = applicationKey(data);
    // An Application that moved to another Argo CD is gone from the first one, but still exists.
    const isElsewhere = isGone && (applications.get(key)?.instance ?? data.instance) !== data.instance;
    if (!instances.includes(data.instance) || isElsewhere) return;
    applications.set(key, isGone ? undefined : (data as DataOf<'application.observed'>));
    onChange({ of: 'application', key });
  };
  const takeWord = (data: DataOf<'operator.word'>, sequence: number) => {
    words.push({ ...data, sequence });
    if (words.length > wordsKept) words.shift();
    applyToPauses(pauses, data);
    onChange({ of: 'word', track: data.track });
  };
  await Promise.all([
    tap.states(`${ticketKeys}>`, takeTicket),
    tap.newest('K8STA_APPLICATIONS', ({ type, data }) => {
      if (type === 'application.observed' || type === 'application.gone')
        takeApplication(data, type === 'application.gone');
      if (type !== 'track.checked') return;
      findings.set(data.track, data.findings);
      onChange({ of: 'track', track: data.track });
    }),
    tap.recorded('operator.word', ({ data }, sequence) => takeWord(data, sequence)),
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
