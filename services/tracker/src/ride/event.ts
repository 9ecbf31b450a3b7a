import type {
  DataOf,
  OperatorWord,
  PartCommit,
  PromotionFailure,
  Ticket,
  TicketFailure,
  WaitingOn,
  WaitReason,
} from '@k8sta/contracts';
import type { KnownRelation } from '../observation.js';

/** What happens to a Track. Decided from inputs, applied by `evolve`; projections turn it into bus events and metrics. */
export type TrackEvent =
  | { type: 'opened'; ticket: Ticket }
  | { type: 'waits'; ticket: string; on?: WaitingOn; reason: WaitReason; message: string; at: string }
  | { type: 'promotes'; ticket: string; station: string; promotion: string; requests: Request[]; at: string }
  | { type: 'reissued'; ticket: string; requests: Request[] }
  | { type: 'partCommitted'; ticket: string; commit: PartCommit; at: string }
  | { type: 'partDelayed'; ticket: string; part: number; message: string }
  | { type: 'partFailed'; ticket: string; part: number; reason: PromotionFailure; message: string }
  | { type: 'syncs'; ticket: string; deadline: string; at: string }
  | { type: 'deadlineHalted'; ticket: string; at: string }
  | { type: 'deadlineResumed'; ticket: string; deadline: string }
  | { type: 'applicationArrived'; ticket: string; application: string; revision: string; rendered: boolean }
  | { type: 'applicationLeft'; ticket: string; application: string; message: string }
  | { type: 'refreshAsked'; ticket: string; application: string; message: string; at: string }
  | { type: 'arrived'; ticket: string; station: string; next: string | undefined; at: string }
  | { type: 'completed'; ticket: string; at: string }
  | { type: 'failed'; ticket: string; reason: TicketFailure; message: string; at: string }
  | { type: 'superseded'; ticket: string; by: string; message: string; at: string }
  /** An ended Ticket leaves the Track's state. */
  | { type: 'left'; ticket: string }
  | { type: 'related'; ticket: string; application: string; of: RelationOf; relation: KnownRelation }
  | { type: 'observed'; observed: DataOf<'application.observed'> }
  | { type: 'gone'; application: string; resourceVersion?: string }
  | { type: 'projectObserved'; observed: DataOf<'project.observed'> }
  | { type: 'checked'; findings: Finding[]; at: string };

type Request = DataOf<'promotion.requested'>;
type Finding = DataOf<'track.checked'>['findings'][number];

/** Which revision of an Application a question to the promoter is about. */
export type RelationOf = 'relation' | 'failedSync' | 'tip';

/** An input of a Track. */
export type Input =
  | { type: 'open'; data: DataOf<'ticket.opened'>; sequence: number; receivedAt: string; traceparent?: string }
  /** An operator's word; `sequence` is its place in the stream. */
  | { type: 'word'; data: OperatorWord; sequence: number; receivedAt: string; traceparent?: string }
  | { type: 'committed'; data: DataOf<'promotion.committed'> }
  | { type: 'delayed'; data: DataOf<'promotion.delayed'> }
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
  /** The current problems of the Track. */
  | { type: 'checked'; findings: Finding[] }
  /** The streams were wiped: unanswered requests must be published again. */
  | { type: 'streamsLost' }
  | { type: 'tick' };
