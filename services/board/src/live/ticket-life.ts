import type { AnyUnwrapped, Tap } from '@k8sta/bus';
import { catalogue } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';

/** One moment in the life of a Ticket. */
export interface Moment {
  readonly at: string;
  /** The type of the event, without `ticket.`. */
  readonly what: string;
  readonly station?: string | undefined;
  readonly reason?: string | undefined;
  readonly message: string;
  readonly by?: string | undefined;
}

/** How many moments the page shows of one Ticket: the last ones. */
const longestLife = 500;
const types = catalogue.map(({ type }) => type).filter((type) => type.startsWith('ticket.'));

/** What happened to the Ticket, oldest first, as far as the stream still holds it. */
export async function lifeOf(tap: Pick<Tap, 'history'>, track: string, ticket: string): Promise<Moment[]> {
  const moments: (Moment & { sequence: number })[] = [];
  const take = (event: AnyUnwrapped, sequence: number) => {
    const moment = momentOf(event, ticket);
    if (moment) moments.push({ ...moment, sequence });
  };
  await Promise.all(
    types.map((type) => tap.history(type, { track }, (event, sequence) => take(event as AnyUnwrapped, sequence))),
  );
  return moments.sort((a, b) => a.sequence - b.sequence).slice(-longestLife);
}

function momentOf({ type, time, data }: AnyUnwrapped, ticket: string): Moment | undefined {
  if (!('ticket' in data) || data.ticket !== ticket) return undefined;
  const text = (value: unknown) => (typeof value === 'string' ? sanitizeLine(value) : undefined);
  const fields = data as Readonly<Record<string, unknown>>;
  return {
    at: time.toISOString(),
    what: type.slice('ticket.'.length),
    station: text(fields['station'] ?? fields['next'] ?? fields['at']),
    reason: text(fields['reason']),
    message: text(fields['message']) ?? '',
    by: text(fields['by']),
  };
}
