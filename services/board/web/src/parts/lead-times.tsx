import type { LeadTime } from '@k8sta/board/browser';
import { duration } from './duration';

/** How long the last Tickets took to each Station. */
export function LeadTimes({ leadTimes }: { leadTimes: readonly LeadTime[] }) {
  const longest = Math.max(1, ...leadTimes.map(({ fromPushMs }) => fromPushMs));
  return (
    <section aria-labelledby="lead-times">
      <h2 id="lead-times">Lead time</h2>
      {leadTimes.length === 0 && <p class="empty">No Ticket has arrived yet.</p>}
      <dl class="lead-times">
        {leadTimes.map(({ station, tickets, fromPushMs, insideMs }) => (
          <div key={station}>
            <dt>{station}</dt>
            <dd>
              <span class="bar" aria-hidden="true" style={{ width: `${(fromPushMs / longest) * 100}%` }} />
              <strong>{duration(fromPushMs)}</strong> from the push, {duration(insideMs)} of them in the Station
              <span class="quiet"> (median of {tickets})</span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
