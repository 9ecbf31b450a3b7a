import { At } from './age';

export interface Moment {
  readonly at: string;
  readonly what: string;
  readonly station?: string;
  readonly reason?: string;
  readonly message: string;
  readonly by?: string;
}

const tones: Readonly<Record<string, string>> = {
  completed: 'good',
  arrived: 'good',
  failed: 'bad',
  rollingBack: 'bad',
  superseded: 'quiet',
  cancelled: 'quiet',
};

const verbs: Readonly<Record<string, string>> = { rollingBack: 'rolling back' };

/** Everything that happened to the Ticket, with each reason. */
export function TicketLife({ life }: { life: readonly Moment[] }) {
  return (
    <section aria-labelledby="life">
      <h2 id="life">Life</h2>
      {life.length === 0 && <p class="empty">The history no longer holds it: events are kept for 30 days.</p>}
      <ol class="life">
        {life.map(({ at, what, station, reason, message, by }, index) => (
          // A life only grows at its end.
          <li key={index} class={tones[what] ?? 'moving'}>
            <At at={at} />
            <span>
              <strong>{verbs[what] ?? what}</strong>
              {station && ` · ${station}`} {reason && <code class="reason">{reason}</code>}
              {by && <span class="quiet"> by {by}</span>}
            </span>
            {message && <span class="why">{message}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}
