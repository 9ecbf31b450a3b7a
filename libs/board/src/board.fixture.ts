import type { DataOf, Ticket, TicketState } from '@k8sta/contracts';
import { parseTracks } from '@k8sta/tracks';
import { boardLines } from './board.js';
import type { Facts } from './facts.js';

const now = new Date('2026-03-01T12:00:00Z');
export const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString();

const [storefront] = tracksOf(`
tracks:
- name: storefront
  images: [{repository: acme/storefront}]
  stations:
  - {name: dev, applications: [dev]}
  - {name: stage, applications: [stage-eu, stage-us]}
  - {name: prod, applications: [prod]}
`);

/** The Tracks of a tracks file without faults. */
export function tracksOf(text: string) {
  const parsed = parseTracks([{ path: 'tracks.yaml', text }]);
  if ('faults' in parsed) throw new Error(JSON.stringify(parsed.faults));
  return parsed.tracks;
}

/** An Application that is Synced and Healthy and runs this image, with the change applied. */
export function runs(name: string, image: string, change: Partial<DataOf<'application.observed'>> = {}) {
  const observed = {
    namespace: 'argocd',
    name,
    sync: { status: 'Synced', revisions: [] },
    health: { status: 'Healthy' },
    operationPending: false,
    images: [image, 'docker.io/library/redis:7'],
    ...change,
  } as unknown as DataOf<'application.observed'>;
  return [`argocd/${name}`, observed] as const;
}

let pushed = 0;
/** A Ticket of the Track storefront, pushed later than those that were made before. */
export function ticket(
  tag: string,
  state: TicketState,
  repository = 'docker.io/acme/storefront',
): readonly [string, Ticket] {
  pushed += 1;
  const made = {
    ticket: `${pushed}`,
    track: 'storefront',
    image: { repository, tag },
    pushedAt: new Date(pushed * 1000).toISOString(),
    state,
    stations: [],
  } as unknown as Ticket;
  return [`storefront.${made.ticket}`, made];
}

/** The lines of the board, by default with only the Track storefront. */
export function board(change: Partial<Facts>, columns = 120, rows = Number.POSITIVE_INFINITY): string[] {
  const tracks = storefront ? [storefront] : [];
  const facts = { tracks, tickets: new Map(), applications: new Map(), findings: new Map(), ...change };
  return boardLines(facts, now, { columns, rows }).map((line) =>
    line
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
  );
}
