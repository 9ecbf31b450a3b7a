import { type TicketModel, type TrackModel, ticketLooks } from '@k8sta/board/browser';

/** Nobody can listen to more at once. */
const mostNews = 3;

/** What has happened on these Tracks, in a sentence or two: what began to be trouble, and which Tickets have ended. */
export function newsOf(before: ReadonlyMap<string, TrackModel>, changed: readonly TrackModel[]): string {
  const news = changed.flatMap((track) => {
    const old = before.get(track.name);
    const known = new Set(old?.ended.map(({ id }) => id));
    const ended = track.ended.filter(({ id }) => old !== undefined && !known.has(id) && wasOpen(old, id));
    const sentences = ended.map((ticket) => `${track.name}: ${ticket.image} ${verbOf(ticket)}.`);
    const isNewTrouble = track.trouble && old?.trouble === false && ended.length === 0;
    return isNewTrouble ? [`${track.name} needs attention.`] : sentences;
  });
  const more = news.length - mostNews;
  return [...news.slice(0, mostNews), ...(more > 0 ? [`And ${more} more.`] : [])].join(' ');
}

function wasOpen({ open }: TrackModel, id: string): boolean {
  return open.some((ticket) => ticket.id === id);
}

function verbOf({ is, failedAt }: TicketModel): string {
  return failedAt ? `${ticketLooks[is].verb} at ${failedAt}` : ticketLooks[is].verb;
}
