import { isEnded, type TicketModel, ticketLooks } from '@k8sta/board/browser';
import { Age, Until } from './age';
import { External } from './external';

/** One Ticket in a line: its image, its state, since when, what it waits for and until when. */
export function TicketRow({ track, ticket }: { track: string; ticket: TicketModel }) {
  const { id, image, is, station, next, failedAt, since, until, reason, message, trouble, proposals = [] } = ticket;
  const { sign, tone, verb } = ticketLooks[is];
  const place = failedAt ?? (is === 'waiting' ? next : station);
  return (
    <li class={`ticket${trouble ? ' trouble' : ''}`}>
      <span class={`what ${tone}`}>
        <span aria-hidden="true">{sign} </span>
        <a href={`/tracks/${track}/tickets/${id}`}>{image}</a>
      </span>
      <span class="state">
        {verb}
        {place && ` ${prepositions[is] ?? 'at'} ${place}`} <Age since={since} />
        {isEnded(is) && ' ago'}
      </span>
      <span class="why">
        {reason && <code class="reason">{reason}</code>} {message}
        {proposals.map(({ name, link }) => (
          <span key={name}>
            {' '}
            <External href={link}>pull request {name}</External>
          </span>
        ))}
        {until && !isEnded(is) && (
          <span class="until">
            {' '}
            {is === 'waiting' ? 'looked at again' : 'deadline'} <Until at={until} />
          </span>
        )}
      </span>
    </li>
  );
}

const prepositions: Readonly<Partial<Record<TicketModel['is'], string>>> = { waiting: 'for', promoting: 'into' };
