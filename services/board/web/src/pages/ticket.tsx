import type { TicketModel } from '@k8sta/board/browser';
import type { ComponentChildren } from 'preact';
import { useCallback } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { useFetched } from '../data/fetched';
import { type Live, useLive } from '../data/live';
import { useTitle } from '../data/title';
import { TicketActions } from '../parts/actions';
import { At } from '../parts/age';
import { type Moment, TicketLife } from '../parts/ticket-life';
import { TicketRow } from '../parts/ticket-row';
import { type StationVisit, Visits } from '../parts/visits';
import { Missing } from './not-found';

interface TicketDetail {
  readonly ticket: TicketModel;
  readonly isOpen: boolean;
  readonly digest?: string;
  readonly sender: string;
  readonly receivedAt: string;
  readonly attempt?: number;
  readonly parent?: { readonly track: string; readonly ticket: string };
  readonly by?: string;
  readonly stations: readonly StationVisit[];
  readonly life: readonly Moment[];
}

/** One Ticket: where it is and why, its commits, and its life from the push to the end. */
export function TicketPage() {
  const { track: name = '', ticket: id = '' } = useRoute().params;
  const track = useLive(useCallback((live: Live) => live.tracks.get(name), [name]));
  const { value, fault } = useFetched<TicketDetail>(
    `/api/tracks/${encodeURIComponent(name)}/tickets/${encodeURIComponent(id)}`,
    track,
  );
  useTitle(value ? `${value.ticket.tag} on ${name}` : 'Ticket');
  if (!value) return <Missing what="Ticket" fault={fault} />;
  const { ticket } = value;
  return (
    <>
      <div class="page-head">
        <h1>
          {ticket.tag} <span class="quiet">on</span> <a href={`/tracks/${name}`}>{name}</a>
        </h1>
        <TicketActions track={name} ticket={ticket} />
      </div>
      <ul class="tickets">
        <TicketRow track={name} ticket={ticket} />
      </ul>
      <About detail={value} />
      <Visits visits={value.stations} isOpen={value.isOpen} />
      <TicketLife life={value.life} />
    </>
  );
}

function About({ detail: { ticket, digest, sender, receivedAt, attempt, parent, by } }: { detail: TicketDetail }) {
  return (
    <dl class="facts">
      <Fact name="Image">
        <code>
          {ticket.repository}:{ticket.tag}
        </code>
      </Fact>
      {digest && (
        <Fact name="Digest">
          <code>{digest}</code>
        </Fact>
      )}
      <Fact name="Pushed">
        <At at={ticket.pushedAt} />
      </Fact>
      <Fact name="Received">
        <At at={receivedAt} /> from {by ?? sender}
      </Fact>
      {attempt && <Fact name="Attempt">{attempt}</Fact>}
      {parent && (
        <Fact name="Opened by">
          <a href={`/tracks/${parent.track}/tickets/${parent.ticket}`}>a Ticket on {parent.track}</a>
        </Fact>
      )}
      <Fact name="Ticket">
        <code>{ticket.id}</code>
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
