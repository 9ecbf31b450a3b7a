import type { LeadTime, TicketModel, TrackModel } from '@k8sta/board/browser';
import { useCallback } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { useFetched } from '../data/fetched';
import { type Live, useLive } from '../data/live';
import { useTitle } from '../data/title';
import { TrackActions } from '../parts/actions';
import { Applications } from '../parts/applications';
import { Findings } from '../parts/findings';
import { LeadTimes } from '../parts/lead-times';
import { PauseBadge } from '../parts/pause-badge';
import { Rail } from '../parts/rail';
import { TicketRow } from '../parts/ticket-row';
import { Missing } from './not-found';

interface TrackDetail {
  readonly track: TrackModel;
  readonly tickets: readonly TicketModel[];
  readonly more: number;
  readonly leadTimes: readonly LeadTime[];
  readonly links: Readonly<Record<string, string>>;
}

/** One Track: its line, its lanes, its history, and how long a Ticket takes to each Station. */
export function TrackPage() {
  const { track: name = '' } = useRoute().params;
  useTitle(name);
  const track = useLive(useCallback((live: Live) => live.tracks.get(name), [name]));
  const { value, fault } = useFetched<TrackDetail>(`/api/tracks/${encodeURIComponent(name)}`, track);
  const shown = track ?? value?.track;
  if (!shown) return <Missing what="Track" fault={fault} />;
  const history = value?.tickets ?? [];
  return (
    <>
      <div class="page-head">
        <h1>{name}</h1>
        {shown.trouble && <span class="badge bad">needs attention</span>}
        <PauseBadge pause={shown.pause} />
        <TrackActions track={shown} />
      </div>
      <section class={`track${shown.trouble ? ' trouble' : ''}`} aria-label="Line">
        <Rail track={shown} />
        <Findings findings={shown.findings} />
      </section>
      <Lanes track={shown} />
      <div class="columns">
        <Applications track={shown} links={value?.links ?? {}} />
        <LeadTimes leadTimes={value?.leadTimes ?? []} />
      </div>
      <section aria-labelledby="history">
        <h2 id="history">History</h2>
        {history.length === 0 && <p class="empty">No Ticket yet.</p>}
        <ul class="tickets">
          {history.map((ticket) => (
            <TicketRow key={ticket.id} track={name} ticket={ticket} />
          ))}
        </ul>
        {value && value.more > 0 && <p class="quiet">and {value.more} older Tickets</p>}
      </section>
    </>
  );
}

/** The Tickets on their way, by repository. */
function Lanes({ track: { name, repositories, open } }: { track: TrackModel }) {
  const lanes = [...new Set([...repositories, ...open.map(({ repository }) => repository)])];
  return (
    <section aria-labelledby="lanes">
      <h2 id="lanes">On their way</h2>
      {open.length === 0 && <p class="empty">No Ticket is on its way.</p>}
      {lanes
        .filter((lane) => open.some(({ repository }) => repository === lane))
        .map((lane) => (
          <div key={lane} class="lane">
            <h3>{lane}</h3>
            <ul class="tickets">
              {open
                .filter(({ repository }) => repository === lane)
                .map((ticket) => (
                  <TicketRow key={ticket.id} track={name} ticket={ticket} />
                ))}
            </ul>
          </div>
        ))}
    </section>
  );
}
