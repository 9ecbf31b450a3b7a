import { type Line, railwayOf, storefront } from '@k8sta/sandbox';
import { assertAsIfNothingHappened, assertNoDeadLetters } from './as-if-nothing-happened.js';
import type { TestSystem } from './test-system.js';

const cart: Line = {
  track: 'cart',
  image: 'acme/cart',
  tag: '1.4.1',
  stations: { dev: ['cart-dev'], prod: ['cart-prod-eu', 'cart-prod-us'] },
};

const search: Line = {
  track: 'search',
  image: 'acme/search',
  tag: '1.4.1',
  stations: { dev: ['search-dev'], prod: ['search-prod'] },
};

export const lines: readonly Line[] = [storefront, cart, search];

/** Three Tracks that commit to one branch. The deadline leaves time for a disturbance and what ends it. */
export const threeLines = railwayOf(
  lines.map((line) => ({ line, repository: 'deploy' })),
  '2m',
);

/** A Ticket, and the line of its Track. */
export interface Rider {
  readonly line: Line;
  readonly ticket: string;
}

/**
 * A Ticket on each Track, each at another place: beyond its second Station, beyond its first one, and before its first commit.
 * `beforeLast` is called before the last Ticket is opened: what it breaks is broken for the whole ride of that Ticket.
 */
export async function threeRiders(
  railway: TestSystem,
  tag: string,
  beforeLast: () => Promise<void> = async () => {},
): Promise<readonly [Rider, Rider, Rider]> {
  const board = async (line: Line): Promise<Rider> => ({
    line,
    ticket: await railway.pushUntilAccepted(tag, line.image),
  });
  const arrivedAt = ({ ticket }: Rider, station: string) =>
    railway.tap.find('ticket.arrived', ({ data }) => data.ticket === ticket && data.station === station);
  const first = await board(storefront);
  await arrivedAt(first, 'dev');
  const second = await board(cart);
  await Promise.all([arrivedAt(first, 'stage'), arrivedAt(second, 'dev')]);
  await beforeLast();
  return [first, second, await board(search)];
}

/** Each Ticket is completed, with the history of an undisturbed ride, and no message was given up. */
export async function assertAllRodeOn(railway: TestSystem, riders: readonly Rider[]): Promise<void> {
  await Promise.all(riders.map(({ ticket }) => railway.tap.completed(ticket)));
  for (const { line, ticket } of riders) await assertAsIfNothingHappened(railway, ticket, line);
  await assertNoDeadLetters(railway);
}
