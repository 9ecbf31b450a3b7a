import type { AnyUnwrapped, Tap } from '@k8sta/bus';
import { type ImageRef, ticketId } from '@k8sta/contracts';
import { imageText } from './output.js';

/** Something that happened on a Track, from the bus. */
export interface Entry {
  readonly time: string;
  readonly what: string;
  readonly sequence: number;
  readonly ticket?: string;
  readonly station?: string;
  readonly image?: string;
  readonly commits?: readonly string[];
  readonly by?: string;
  readonly reason?: string;
  readonly message?: string;
}

/** Everything that the bus holds about the Track since then, oldest first. */
export async function entriesOf(tap: Tap, track: string, start: Date): Promise<Entry[]> {
  const entries: Entry[] = [];
  await tap.ofTrack(track, start, (event, sequence) => {
    const entry = entryOf(event);
    if (entry) entries.push({ time: event.time.toISOString(), sequence, ...entry });
  });
  return entries;
}

type Told = Omit<Entry, 'time' | 'sequence'>;

/** What the event means to a person; undefined for one that only services need. */
export function entryOf(event: AnyUnwrapped): Told | undefined {
  switch (event.type) {
    case 'operator.word':
      return wordEntry(event);
    case 'ticket.opened': {
      const { ticket, image, sender } = event.data;
      return { what: 'opened', ticket, image: imageText(image), by: sender };
    }
    case 'ticket.arrived': {
      const { ticket, image, station, applications } = event.data;
      const commits = [...new Set(applications.map(({ commit }) => commit))];
      return { what: 'arrived', ticket, image: imageText(image), station, commits };
    }
    case 'promotion.committed': {
      const { ticket, station, commit, revision, repository, proposal, mergedBy } = event.data;
      const what = commit === undefined ? 'already in Git' : proposal ? 'merged' : 'committed';
      const message = proposal ? `${repository}, ${proposal.url}` : repository;
      return { what, ticket, station, commits: [commit ?? revision], message, ...(mergedBy && { by: mergedBy }) };
    }
    case 'promotion.proposed': {
      const { ticket, station, commit, url } = event.data;
      return { what: 'proposed', ticket, station, commits: [commit], message: url };
    }
    case 'promotion.requested':
    case 'promotion.started':
      return undefined;
    default:
      return /^(ticket|promotion|check)\./.test(event.type) ? plainEntry(event) : undefined;
  }
}

/** An event that has the usual fields of those about Tickets; also one of a newer version. */
function plainEntry({ type, data }: AnyUnwrapped): Told {
  const values: Readonly<Record<string, unknown>> = data;
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : undefined);
  const told = {
    ticket: text('ticket'),
    image: values['image'] === undefined ? undefined : imageText(values['image'] as ImageRef),
    station: text('station') ?? text('next'),
    by: text('by'),
    reason: text('reason'),
    message: text('message'),
  };
  const given = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
  return { what: type.startsWith('ticket.') ? type.slice('ticket.'.length) : type.replace('.', ' '), ...given };
}

function wordEntry({ data }: Extract<AnyUnwrapped, { type: 'operator.word' }>): Told {
  const { verb, track, by, message, station, name, outcome, image, attempt } = data;
  const opens = image && (verb === 'retry' || verb === 'promote') ? ticketId(track, image, attempt) : undefined;
  const ticket = opens ?? data.ticket;
  const what = verb === 'check' ? `check ${name ?? ''} ${outcome ?? ''}`.trim() : verb;
  return {
    ...{ what, by },
    ...(ticket !== undefined && { ticket }),
    ...(station !== undefined && { station }),
    ...(image && { image: imageText(image) }),
    ...(message !== undefined && { message }),
  };
}

/** A commit as people quote it. */
export function short(commit: string): string {
  return commit.slice(0, 8);
}
