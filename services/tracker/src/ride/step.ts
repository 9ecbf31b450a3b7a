import type { TicketState, WaitingOn, WaitReason } from '@k8sta/contracts';
import { unreachable } from '@k8sta/text';
import type { Track } from '@k8sta/tracks';
import type { Elsewhere, TrackEvent } from './event.js';
import type { Moment, Policy } from './policy.js';
import type { Ending, LiveTicket, TrackState } from './state.js';

/** The inputs that can end a wait without a time. */
type WakingEvent = 'blockFreed' | 'observation' | 'finding' | 'answer' | 'word' | 'elsewhere';

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
  /** When the wait ends by itself or is looked at again, for people, in milliseconds since the epoch. */
  readonly until?: number;
  /** The wait lasts seconds at most: no event is published, and the last wait stays on the Ticket. */
  readonly silent?: boolean;
  /** The Ticket could leave its Station, if the tip of the branch still names its image. */
  readonly asksTip?: boolean;
  /** The Ticket could enter this Station, if its files still name what K8sTA committed there last. */
  readonly asksStanding?: string;
  /** What has to be known of other Tracks. */
  readonly asksElsewhere?: readonly Elsewhere[];
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

/** Why a Ticket that is too old fails. `last`: what it waited for. */
export function tooOldBecause({ live }: Pick<Situation, 'live'>, last: string): string {
  return `open since ${live.ticket.openedAt}, longer than K8STA_TICKET_MAX_AGE_MS allows; ${last}`;
}

export function fails(
  { live, moment }: Pick<Situation, 'live' | 'moment'>,
  reason: Extract<TrackEvent, { type: 'failed' }>['reason'],
  message: string,
): Step {
  return { events: [{ type: 'failed', ticket: live.ticket.id, reason, message, at: moment.now.toISOString() }] };
}

/** The Station, or the whole Track, is no longer in the tracks file. */
export function stationGone({ track }: Pick<Situation, 'track'>, station: string): Extract<Ending, { is: 'failed' }> {
  const { name, stations } = track;
  return stations.length === 0
    ? { is: 'failed', reason: 'TrackGone', message: `the tracks files no longer have the Track ${name}` }
    : {
        is: 'failed',
        reason: 'StationGone',
        message: `the tracks file no longer has a Station "${station}" on the Track ${name}`,
      };
}

/** The event with which a Ticket ends; undefined for an ending that is none. */
export function endOf(
  { live, moment }: Pick<Situation, 'live' | 'moment'>,
  ending: Ending,
  station?: string,
): Step | undefined {
  const head = { ticket: live.ticket.id, at: moment.now.toISOString() };
  switch (ending.is) {
    case 'cancelled': {
      const { by, message } = ending;
      return { events: [{ type: 'cancelled', ...head, ...(station !== undefined && { station }), by, message }] };
    }
    case 'superseded': {
      const { by, reason, message } = ending;
      return { events: [{ type: 'superseded', ...head, by, reason, message }] };
    }
    case 'failed':
      return fails({ live, moment }, ending.reason, ending.message);
    case 'paused':
      return undefined;
    default:
      return unreachable('ending', ending);
  }
}
