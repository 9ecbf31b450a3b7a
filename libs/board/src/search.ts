import type { Ticket } from '@k8sta/contracts';
import type { Facts } from './facts.js';
import { membersOf, runningAt } from './station.js';
import { type TicketModel, ticketModel } from './ticket.js';

/** A Ticket that the search found, or a Station where such an image runs. */
export interface Found {
  readonly tickets: readonly (TicketModel & { readonly track: string })[];
  readonly stations: readonly { readonly track: string; readonly station: string; readonly image: string }[];
  /** How many more there are of both. */
  readonly more: number;
}

/** How many of each kind an answer holds. */
const shown = 100;

/** Where an image is: `1.4.2`, `storefront`, `acme/storefront:1.4.2`, the beginning of a digest, or of a Ticket's id. */
export function search(facts: Facts, text: string): Found {
  const words = text
    .toLowerCase()
    .split(/[\s:@]+/)
    .filter((word) => word !== '');
  if (words.length === 0) return { tickets: [], stations: [], more: 0 };
  const matches = (parts: readonly (string | undefined)[]) =>
    words.every((word) => parts.some((part) => part?.toLowerCase().includes(word)));
  const tracks = new Map(facts.tracks.map((track) => [track.name, track]));
  const tickets = [...facts.tickets.values()]
    .filter(({ id, image, track }) => tracks.has(track) && matches([id, image.repository, image.tag, image.digest]))
    .sort(newestFirst);
  const stations = facts.tracks.flatMap((track) =>
    track.stations.flatMap((station) =>
      [...new Set(runningAt(facts, track, membersOf(facts, station)).map(({ image }) => image))]
        .filter((image) => matches([image]))
        .map((image) => ({ track: track.name, station: station.name, image })),
    ),
  );
  return {
    tickets: tickets.slice(0, shown).map((ticket) => {
      const track = tracks.get(ticket.track) ?? { images: [] };
      return { ...ticketModel(track, ticket, false), track: ticket.track };
    }),
    stations: stations.slice(0, shown),
    more: Math.max(0, tickets.length - shown) + Math.max(0, stations.length - shown),
  };
}

function newestFirst(a: Ticket, b: Ticket): number {
  return b.pushedAt.localeCompare(a.pushedAt);
}
