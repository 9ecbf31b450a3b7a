import type { TrackModel } from '@k8sta/board/browser';
import { Findings } from './findings';
import { memo } from './memo';
import { PauseBadge } from './pause-badge';
import { Rail } from './rail';
import { TicketRow } from './ticket-row';

/** One Track in the list of all: its line, what is on its way, and what is wrong. */
export const TrackCard = memo(function TrackCard({ track }: { track: TrackModel }) {
  const { name, repositories, open, ended, trouble, pause } = track;
  const failures = ended.filter((ticket) => ticket.trouble);
  return (
    <article class={`track${trouble ? ' trouble' : ''}`} aria-labelledby={`track-${name}`}>
      <header>
        <h2 id={`track-${name}`}>
          <a href={`/tracks/${name}`}>{name}</a>
        </h2>
        {trouble && <span class="badge bad">needs attention</span>}
        <PauseBadge pause={pause} />
        <span class="repositories">{repositories.join(', ')}</span>
      </header>
      <Rail track={track} />
      <Findings findings={track.findings} />
      {(open.length > 0 || failures.length > 0) && (
        <ul class="tickets">
          {failures.map((ticket) => (
            <TicketRow key={ticket.id} track={name} ticket={ticket} />
          ))}
          {open.map((ticket) => (
            <TicketRow key={ticket.id} track={name} ticket={ticket} />
          ))}
        </ul>
      )}
    </article>
  );
});
