import type { TicketState, WaitingOn, WaitReason } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import type { TrackEvent } from './event.js';
import type { Moment, Policy } from './policy.js';
import type { LiveTicket, TrackState } from './state.js';

/** The inputs that can end a wait without a time. */
export type WakingEvent = 'blockFreed' | 'observation' | 'finding' | 'answer';

/**
 * What ends a wait: times, in milliseconds since the epoch, and events. At least one of them is required, so that a wait
 * without an end does not compile.
 */
export type Wake = readonly [number | WakingEvent, ...(number | WakingEvent)[]];

/** Why a Ticket does not move now. */
export interface Wait {
  readonly on?: WaitingOn;
  readonly reason: WaitReason;
  readonly message: string;
  readonly wake: Wake;
  /** The wait lasts seconds at most: no event is published, and the last wait stays on the Ticket. */
  readonly silent?: boolean;
  /** The Ticket could leave its Station, if the tip of the branch still names its image. */
  readonly asksTip?: boolean;
}

/** The next thing that happens to a Ticket, or why nothing happens now. */
export type Step = { readonly events: readonly [TrackEvent, ...TrackEvent[]] } | { readonly waits: Wait };

/** A Ticket and everything that its next step depends on. */
export interface Situation<Is extends TicketState['is'] = TicketState['is']> {
  readonly track: Track;
  readonly state: TrackState;
  readonly live: LiveTicket;
  /** The state of the Ticket. */
  readonly at: Extract<TicketState, { is: Is }>;
  readonly moment: Moment;
  readonly policy: Policy;
}

/** When an open Ticket becomes too old, in milliseconds since the epoch. */
export function tooOldAt({ live, policy }: Pick<Situation, 'live' | 'policy'>): number {
  return Date.parse(live.ticket.openedAt) + policy.maxAgeMs;
}

export function fails(
  { live, moment }: Pick<Situation, 'live' | 'moment'>,
  reason: Extract<TrackEvent, { type: 'failed' }>['reason'],
  message: string,
): Step {
  return { events: [{ type: 'failed', ticket: live.ticket.id, reason, message, at: moment.now.toISOString() }] };
}

export function stationGone(situation: Pick<Situation, 'track' | 'live' | 'moment'>, station: string): Step {
  const { name } = situation.track;
  return fails(situation, 'StationGone', `the tracks file no longer has a Station "${station}" on the Track ${name}`);
}
