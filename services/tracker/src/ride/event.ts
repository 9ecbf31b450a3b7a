import type {
  DataOf,
  PartCommit,
  PromotionFailure,
  ProposalRef,
  SupersedeReason,
  Ticket,
  TicketFailure,
  WaitingOn,
  WaitReason,
} from '@k8sta/contracts';
import type { KnownRelation } from '../observation.js';
import type { Ending, LiveTicket, Said } from './state.js';

/** What happens to a Track. Decided from inputs, applied by `evolve`; projections turn it into bus events and metrics. */
export type TrackEvent =
  | { type: 'opened'; ticket: Ticket; with?: Pick<LiveTicket, 'lastStop' | 'express'> }
  | { type: 'waits'; ticket: string; on?: WaitingOn; reason: WaitReason; message: string; until?: string; at: string }
  | { type: 'promotes'; ticket: string; station: string; promotion: string; requests: Request[]; at: string }
  | { type: 'reissued'; ticket: string; requests: Request[]; at: string }
  /** A pause is over that withdrew these parts, while others were committed. */
  | { type: 'requestedAgain'; ticket: string; requests: Request[]; at: string }
  | { type: 'partCommitted'; ticket: string; commit: PartCommit; at: string }
  /** A pull request was opened for this part. */
  | { type: 'partProposed'; ticket: string; part: number; proposal: ProposalRef; since: string; at: string }
  | { type: 'partDelayed'; ticket: string; part: number; message: string; at: string }
  | { type: 'partFailed'; ticket: string; part: number; reason: PromotionFailure; message: string }
  /** A junction opens these Tickets. */
  | { type: 'branches'; ticket: string; station: string; children: { track: string; ticket: string }[]; at: string }
  /** The messages that opened these Tickets may be lost. */
  | { type: 'childrenReissued'; ticket: string; station: string; children: { track: string; ticket: string }[] }
  /** The request is withdrawn, or the Ticket ends once what it committed is judged. */
  | { type: 'withdrawn'; ticket: string; ending: Ending; at: string }
  /** Nothing was committed of a withdrawn promotion: the Ticket waits again where it was. */
  | { type: 'returned'; ticket: string; message: string; at: string }
  | { type: 'syncs'; ticket: string; deadline: string; at: string }
  | { type: 'deadlineHalted'; ticket: string; at: string }
  | { type: 'deadlineResumed'; ticket: string; deadline: string }
  | { type: 'applicationArrived'; ticket: string; application: string; revision: string; rendered: boolean }
  | { type: 'applicationLeft'; ticket: string; application: string; message: string }
  | { type: 'refreshAsked'; ticket: string; application: string; message: string; at: string }
  | { type: 'arrived'; ticket: string; station: string; next: string | undefined; soakUntil?: string; at: string }
  | { type: 'soaked'; ticket: string; at: string }
  | { type: 'rerouted'; ticket: string; next: string; at: string }
  | {
      type: 'rollsBack';
      ticket: string;
      station: string;
      promotion: string;
      requests: Request[];
      to: string;
      failure: { reason: TicketFailure; message: string };
      at: string;
    }
  | { type: 'rolledBack'; ticket: string; station: string; at: string }
  | { type: 'completed'; ticket: string; at: string }
  | { type: 'failed'; ticket: string; reason: TicketFailure; message: string; at: string }
  | { type: 'superseded'; ticket: string; by?: string; reason: SupersedeReason; message: string; at: string }
  | { type: 'cancelled'; ticket: string; station?: string; by: string; message: string; at: string }
  | { type: 'approved'; ticket: string; station: string; by: string }
  | { type: 'expressed'; ticket: string; by: string; message: string; until?: string; said: Said }
  | { type: 'checkRequested'; ticket: string; station: string; name: string; of: string; until: string; at: string }
  | {
      type: 'checkReported';
      ticket: string;
      check: string;
      outcome: 'passed' | 'failed';
      by: string;
      message?: string;
      said: Said;
    }
  /** `is` is absent while it is not known; without `askedAt` it is asked again. */
  | { type: 'elsewhereKnown'; ticket: string; about: Elsewhere; is?: string; askedAt?: string; message?: string }
  | { type: 'childSucceeded'; ticket: string; track: string; by: string }
  | {
      type: 'paused' | 'resumed';
      station: string | undefined;
      by: string;
      message?: string;
      at: string;
      sequence: number;
    }
  /** An operator lets Tickets go on although a person changed the Station. */
  | { type: 'personAccepted'; station: string; by: string; at: string }
  | {
      type: 'standingRelated';
      repository: string;
      station: string;
      application: string;
      commit: string;
      relation: KnownRelation;
    }
  /** An ended Ticket leaves the Track's state. */
  | { type: 'left'; ticket: string }
  | { type: 'related'; ticket: string; application: string; of: RelationOf; relation: KnownRelation }
  | { type: 'observed'; observed: DataOf<'application.observed'> }
  | { type: 'gone'; application: string; resourceVersion?: string }
  | { type: 'projectObserved'; observed: DataOf<'project.observed'> }
  | { type: 'checked'; findings: Finding[]; at: string };

export type EventOf<Type extends TrackEvent['type']> = Extract<TrackEvent, { type: Type }>;

type StateEvent =
  | 'opened'
  | 'promotes'
  | 'rollsBack'
  | 'left'
  | 'observed'
  | 'gone'
  | 'projectObserved'
  | 'checked'
  | 'paused'
  | 'resumed'
  | 'personAccepted'
  | 'standingRelated';
/** An event of one Ticket that does not begin a promotion. */
export type RideEvent = EventOf<Exclude<TrackEvent['type'], StateEvent>>;

type Request = DataOf<'promotion.requested'>;
type Finding = DataOf<'track.checked'>['findings'][number];

/** Which revision of an Application a question to the promoter is about. */
export type RelationOf = 'relation' | 'failedSync' | 'tip';

/** Something on another Track that a Ticket waits for: an arrival there, or the end of a Ticket that it opened. */
export type Elsewhere =
  | { is: 'arrival'; track: string; station: string }
  | { is: 'child'; track: string; ticket: string };

/** An input of a Track. */
export type Input =
  | { type: 'open'; data: DataOf<'ticket.opened'>; sequence: number; receivedAt: string; traceparent?: string }
  /** An operator's word; `sequence` is its place in the stream. */
  | { type: 'word'; data: DataOf<'operator.word'>; sequence: number; receivedAt: string; traceparent?: string }
  | { type: 'committed'; data: DataOf<'promotion.committed'> }
  | { type: 'delayed'; data: DataOf<'promotion.delayed'> }
  | { type: 'proposed'; data: DataOf<'promotion.proposed'> }
  | { type: 'failed'; data: DataOf<'promotion.failed'> }
  | { type: 'observed'; data: DataOf<'application.observed'> }
  | { type: 'gone'; data: DataOf<'application.gone'> }
  | { type: 'project'; data: DataOf<'project.observed'> }
  | {
      type: 'answered';
      ticket: string;
      promotion: string;
      application: string;
      of: RelationOf;
      relation: KnownRelation;
    }
  | {
      type: 'standing';
      repository: string;
      station: string;
      application: string;
      /** The commit that the question was about. */
      commit: string;
      relation: KnownRelation;
    }
  /** Something happened on another Track, to this Ticket or at this Station: what is known of it must be asked again. */
  | { type: 'elsewhere'; track: string; ticket: string; station?: string }
  /** What is known of something on another Track: how a Ticket ended there, or that the image arrived. */
  | { type: 'elsewhereKnown'; ticket: string; about: Elsewhere; is?: string; by?: string; message?: string }
  /** The current problems of the Track. */
  | { type: 'checked'; findings: Finding[] }
  /** The streams were wiped: what nobody has answered yet must be published again. */
  | { type: 'streamsLost' }
  | { type: 'tick' };

export type InputOf<Type extends Input['type']> = Extract<Input, { type: Type }>;
