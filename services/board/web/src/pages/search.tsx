import type { Found } from '@k8sta/board/browser';
import { useLocation } from 'preact-iso';
import { useFetched } from '../data/fetched';
import { type Live, useLive } from '../data/live';
import { useTitle } from '../data/title';
import { TicketRow } from '../parts/ticket-row';

const tracksOf = (live: Live) => live.tracks;

/** Where an image is: what runs it, and the Tickets that carry it. */
export function SearchPage() {
  const { query } = useLocation();
  const text = query['q'] ?? '';
  useTitle(`Search: ${text}`);
  const { value, fault } = useFetched<Found>(`/api/search?q=${encodeURIComponent(text)}`, useLive(tracksOf));
  return (
    <>
      <h1>
        Search: <q>{text}</q>
      </h1>
      {fault && (
        <p class="empty" role="alert">
          {fault}
        </p>
      )}
      {value && value.stations.length + value.tickets.length === 0 && (
        <p class="empty">
          No image that runs or rides matches. Try a tag, a part of a repository, or the id of a Ticket.
        </p>
      )}
      {value && value.stations.length > 0 && (
        <section aria-labelledby="runs">
          <h2 id="runs">Runs at</h2>
          <ul class="places">
            {value.stations.map(({ track, station, image }) => (
              <li key={`${track}/${station}/${image}`}>
                <a href={`/tracks/${track}`}>
                  {track} · {station}
                </a>{' '}
                <code>{image}</code>
              </li>
            ))}
          </ul>
        </section>
      )}
      {value && value.tickets.length > 0 && (
        <section aria-labelledby="tickets">
          <h2 id="tickets">Tickets</h2>
          <ul class="tickets">
            {value.tickets.map((ticket) => (
              <TicketRow key={`${ticket.track}/${ticket.id}`} track={ticket.track} ticket={ticket} />
            ))}
          </ul>
          {value.more > 0 && <p class="quiet">and {value.more} more: search for more of the name</p>}
        </section>
      )}
    </>
  );
}
