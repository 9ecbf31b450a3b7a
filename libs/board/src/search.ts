import type { Ticket } from '@k8sta/contracts';
import { imagesOf } from '@k8sta/tracks';
import type { Facts } from './facts.js';
import { readImage } from './image.js';

import { stationModel } from './station.js';
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
      runningAt(facts, imagesOf(track), stationModel(facts, track, station).applications)
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

function runningAt(
  { applications }: Facts,
  subscribed: readonly { readonly repository: string }[],
  members: readonly { readonly namespace: string; readonly name: string }[],
): string[] {
  const running = members.flatMap(({ namespace, name }) => applications.get(`${namespace}/${name}`)?.images ?? []);
  const ours = running.filter((image) =>
    subscribed.some(({ repository }) => readImage(image).repository === repository),
  );
  return [...new Set(ours)];
}

function newestFirst(a: Ticket, b: Ticket): number {
  return b.pushedAt.localeCompare(a.pushedAt);
}
