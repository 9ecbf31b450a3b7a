import type { AnyUnwrapped } from '@k8sta/bus';
import type { NamedScenario } from '@k8sta/sandbox';

/** How a scenario says that its ride ends. */
export type Announced = Pick<NamedScenario, 'ends' | 'message'>;

/** How a ride ends. */
export interface Ending {
  readonly is: 'completed' | 'failed' | 'waits for a person';
  /** Empty for a Ticket that completed. */
  readonly message: string;
  /** Whether it is the ending of the scenario. */
  readonly isAnnounced: boolean;
}

/** How the ride ends with this event; undefined if it goes on. */
export function endingOf({ type, data }: AnyUnwrapped, { ends, message }: Announced): Ending | undefined {
  const isExplained = (said: string) => message?.test(said) ?? true;
  if (type === 'ticket.completed') return { is: 'completed', message: '', isAnnounced: ends === 'completed' };
  if (type === 'ticket.failed') {
    return { is: 'failed', message: data.message, isAnnounced: ends === 'failed' && isExplained(data.message) };
  }
  // A Ticket that waits for Argo CD says so many times before it says what it waits for.
  if (type === 'ticket.syncing' && ends === 'waiting' && isExplained(data.message)) {
    return { is: 'waits for a person', message: data.message, isAnnounced: true };
  }
  return undefined;
}
