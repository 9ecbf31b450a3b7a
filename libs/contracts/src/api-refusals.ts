import type { ReasonText } from './reasons.js';

/** Why the API refuses a request. Bounded: the codes are also metric labels. */
export const apiRefusals = {
  ActorRefused: {
    means: 'The request names a person to speak for, and only the board may speak for others.',
    action: 'Leave `onBehalfOf` out, or connect as the board.',
  },
  RequestInvalid: {
    means: 'The fields of the request do not belong together.',
    action: 'The message says which.',
  },
  TrackUnknown: {
    means: "The tracker's files have no such Track.",
    action: '`k8sta tracks` lists the Tracks.',
  },
  StationUnknown: {
    means: 'The Track has no such Station.',
    action: '`k8sta track <track>` lists its Stations.',
  },
  TicketUnknown: {
    means: 'No Ticket has this id, or it ended so long ago that the tracker has forgotten it.',
    action: '`k8sta tickets --all` lists the Tickets.',
  },
  TicketAmbiguous: {
    means: 'Several Tickets have an id that begins so.',
    action: 'Give more of the id; the message lists some of them.',
  },
  TicketOver: {
    means: 'The Ticket has ended.',
    action: '`k8sta retry` opens its next attempt, `k8sta promote` any image.',
  },
  TicketNotOver: {
    means: 'The Ticket, or a later attempt of it, is still on its way.',
    action: 'Cancel it first, or wait; the message names it.',
  },
  TicketEnding: {
    means: 'The Ticket is about to end: its Station is rolled back, or its request for a commit is withdrawn.',
    action: 'Wait until it has ended; the message says what happens to it.',
  },
  TicketCompleted: {
    means: 'The Ticket has arrived at the last Station, so that there is nothing to retry.',
    action: '`k8sta promote` sends the image again.',
  },
  AttemptsExhausted: {
    means: 'The image has had more attempts on this Track than K8sTA counts.',
    action: 'Push the image under another tag.',
  },
  AlreadyArrived: {
    means: 'The Ticket has entered the Station already, or is past it; or it has no Station left to enter.',
    action: 'Nothing; the message says where the Ticket is.',
  },
  NoApprovalGate: {
    means: 'The Station has no approval gate.',
    action: 'Nothing; the Ticket does not wait for an approval there.',
  },
  NotAnApprover: {
    means: 'The approval gate of the Station names other people.',
    action: 'Ask one of them; the message names them.',
  },
  AlreadyApproved: {
    means: 'This person has approved the Ticket for the Station already; one person counts once.',
    action: 'Ask somebody else; `k8sta ticket` shows how many approvals are missing.',
  },
  CheckUnknown: {
    means: 'The Station has no check of this name.',
    action: 'The message lists its checks.',
  },
  CheckNotRequested: {
    means: 'The Ticket has not arrived yet where the check looks at it.',
    action: 'Report the check once `check.requested` has been published.',
  },
  CheckTooLate: {
    means: 'The time for the check is over.',
    action: '`k8sta retry` once the Ticket has failed.',
  },
  NotPaused: {
    means: 'There is no such pause to end, and no person holds a Station there.',
    action: 'The message names the pauses of the Track; resume those.',
  },
  NotSubscribed: {
    means: 'The Track does not subscribe to the repository.',
    action: 'Subscribe to it in the tracks file; no word waives this.',
  },
  TagNotSubscribed: {
    means: "The tag does not match the Track's rule for the repository.",
    action: 'Say `--force` to promote it nevertheless.',
  },
  ImageInvalid: {
    means: 'The image is not `repository:tag` or `repository:tag@digest`.',
    action: 'Write it with its tag.',
  },
  NeverArrived: {
    means: 'Nothing arrived at the Station before what is there now, so that there is nothing to roll back to.',
    action: '`k8sta promote <image> --station` sends a certain image.',
  },
  RollbackRunning: {
    means: 'The Station is being taken back already.',
    action: 'Wait for the Ticket that the message names.',
  },
  JunctionStation: {
    means: 'The Station is a junction: it has no Applications of its own.',
    action: 'Say it of a Station of one of its Tracks.',
  },
} as const satisfies Record<string, ReasonText>;

export type ApiRefusal = keyof typeof apiRefusals;
