import type { DataOf, PartCommit, PromotionFailure, Ticket, TicketFailure, WaitingOn } from '@k8sta/contracts';
import type { Learnt } from './state.js';

/** What happens to a Track. Decided from inputs, applied by `evolve`; most are told on the bus (`outgoing.ts`). */
export type TrackEvent =
  | { type: 'opened'; ticket: Ticket }
  | { type: 'waits'; ticket: string; on: WaitingOn; message: string; at: string }
  | { type: 'promotes'; ticket: string; station: string; promotion: string; requests: Request[]; at: string }
  | { type: 'reissued'; ticket: string; requests: Request[] }
  | { type: 'partCommitted'; ticket: string; commit: PartCommit; at: string }
  | { type: 'partDelayed'; ticket: string; part: number; message: string }
  | { type: 'partFailed'; ticket: string; part: number; reason: PromotionFailure; message: string }
  | { type: 'syncs'; ticket: string; message: string; deadline: string; at: string }
  | { type: 'explained'; ticket: string; message: string }
  | { type: 'applicationArrived'; ticket: string; application: string; revision: string; rendered: boolean }
  | { type: 'refreshAsked'; ticket: string; application: string; message: string; at: string }
  | { type: 'arrived'; ticket: string; station: string; next: string | undefined; at: string }
  | { type: 'completed'; ticket: string; at: string }
  | { type: 'failed'; ticket: string; reason: TicketFailure; message: string; at: string }
  | { type: 'superseded'; ticket: string; by: string; message: string; at: string }
  | { type: 'forgotten'; ticket: string }
  | { type: 'learnt'; ticket: string; application: string; of?: 'failedSync'; learnt: Learnt }
  | { type: 'sighted'; observed: DataOf<'application.observed'> }
  | { type: 'gone'; application: string; resourceVersion?: string }
  | { type: 'projectSighted'; observed: DataOf<'project.observed'> }
  | { type: 'checked'; findings: Finding[]; at: string }
  | { type: 'pictureCurrent'; instance: string; asOf: string };

type Request = DataOf<'promotion.requested'>;
type Finding = DataOf<'track.checked'>['findings'][number];

/** What is told to a Track. */
export type Input =
  | { type: 'open'; data: DataOf<'ticket.opened'>; sequence: number; receivedAt: string; traceparent?: string }
  | { type: 'committed'; data: DataOf<'promotion.committed'> }
  | { type: 'delayed'; data: DataOf<'promotion.delayed'> }
  | { type: 'failed'; data: DataOf<'promotion.failed'> }
  | { type: 'observed'; data: DataOf<'application.observed'> }
  | { type: 'gone'; data: DataOf<'application.gone'> }
  | { type: 'project'; data: DataOf<'project.observed'> }
  | { type: 'current'; data: DataOf<'application.current'> }
  | { type: 'answered'; ticket: string; application: string; of?: 'failedSync'; learnt: Learnt }
  /** What is wrong with the Track as it is now. */
  | { type: 'checked'; findings: Finding[] }
  /** The streams were wiped: whatever was asked for and not answered has to be asked for again. */
  | { type: 'streamsLost' }
  | { type: 'tick' };
