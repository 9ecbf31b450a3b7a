import { z } from 'zod';
import { ticketFailure } from './failure-reasons.js';
import { applicationRef, commitSha, digest, label, tag } from './names.js';
import { waitReason } from './reasons.js';
import { editTarget, imagePlace } from './target.js';

/** The change that a Ticket is about. */
export const imageRef = z.looseObject({
  repository: z.string().min(1).describe('in its normalised spelling: `docker.io/library/nginx`'),
  tag,
  digest: digest.optional().describe('where the sender knew it'),
});

/** The image that files have to name, and the repositories that stand in for its own. */
export const wantedImage = imageRef.extend({
  aliases: z
    .array(z.string().min(1).max(512))
    .max(20)
    .optional()
    .describe('normalised repositories that stand in for it in some environments, such as mirrors'),
});
export type WantedImage = z.infer<typeof wantedImage>;

/** What every event about a Ticket begins with. */
export const ticketHead = {
  ticket: z.string().min(1).describe("the Ticket's id"),
  track: label.describe('the Track it rides'),
  image: imageRef,
};

export const waitingOn = z
  .enum(['block', 'application'])
  .describe('what kind of thing it waits for: `block` is a Station that another Ticket holds');
export type WaitingOn = z.infer<typeof waitingOn>;

/** What the promoter said of one Application of a promotion part. */
export const promotedApplication = applicationRef.extend({
  file: z
    .string()
    .optional()
    .describe('the file that names the image, as a path in the repository; absent where the Application was skipped'),
  target: editTarget.optional().describe('how that file names the image; absent where the Application was skipped'),
  alsoIn: z.array(imagePlace).max(20).optional().describe('the other places that name the image'),
  outcome: z
    .enum(['edited', 'unchanged', 'skipped'])
    .describe(
      'edited by our commit, unchanged because the file already named the image, or skipped because its files do not name it',
    ),
  before: z.string().optional().describe('the image as the file spelled it before'),
  after: z.string().optional().describe('the image as the file spells it now'),
  message: z.string().optional().describe('why the Application was skipped'),
});
export type PromotedApplication = z.infer<typeof promotedApplication>;

/** One part's commit on record. `commit` is absent where the file already said what was wanted. */
export const partCommit = z.looseObject({
  part: z.int().min(0).describe('which (repository, branch) of the promotion, counted from 0'),
  repository: z.string().describe('its address, without credentials'),
  branch: z.string(),
  revision: commitSha.describe('a revision of the branch whose files name the image'),
  commit: commitSha.optional().describe('the commit made for this part; absent where none was needed'),
  applications: z.array(promotedApplication),
});
export type PartCommit = z.infer<typeof partCommit>;

const moment = z.iso.datetime();

/** Where a Ticket is. What it waits for is in `reason`, a code, and in `message`, a sentence that a person can act on. */
export const ticketState = z.discriminatedUnion('is', [
  z.looseObject({
    is: z.literal('waiting').describe('for the Station `next`; `on` and `message` say what for'),
    at: label.optional().describe('the Station it has arrived at; absent before the first'),
    next: label,
    on: waitingOn,
    reason: waitReason,
    message: z.string(),
    since: moment,
  }),
  z.looseObject({
    is: z.literal('promoting').describe('the commits are asked for; nothing is committed after `notAfter`'),
    station: label,
    promotion: z.string(),
    notAfter: moment,
    reason: waitReason,
    message: z.string(),
    since: moment,
  }),
  z.looseObject({
    is: z.literal('syncing').describe('the commits are made, and Argo CD is waited for until `deadline`'),
    station: label,
    promotion: z.string(),
    deadline: moment,
    reason: waitReason,
    message: z.string(),
    since: moment,
  }),
  z.looseObject({ is: z.literal('completed').describe('arrived at the last Station'), since: moment }),
  z.looseObject({
    is: z.literal('failed').describe('`reason` and `message` say why'),
    station: label.optional(),
    reason: ticketFailure,
    message: z.string(),
    since: moment,
  }),
  z.looseObject({
    is: z.literal('superseded').describe('the newer Ticket `by` goes on in its place'),
    by: z.string(),
    message: z.string(),
    since: moment,
  }),
]);
export type TicketState = z.infer<typeof ticketState>;
export type StateName = TicketState['is'];

/** What a Ticket did at one Station. */
export const stationRecord = z.looseObject({
  station: label,
  attempt: z.int().min(1).describe('counted from 1'),
  parts: z.int().min(1).describe('how many commits were asked for'),
  requestedAt: moment,
  commits: z.array(partCommit),
  committedAt: moment.optional().describe('when the last part was committed'),
  arrivedAt: moment.optional(),
});

/** A whole Ticket, as the `K8STA_STATE` bucket holds it under `ticket.<track>.<id>`. */
export const ticketSchema = z.looseObject({
  id: ticketHead.ticket,
  track: ticketHead.track,
  image: ticketHead.image,
  sender: z.string().describe('who posted the webhook'),
  pushedAt: moment.describe("the sender's push time, else when the webhook was received: the order of a lane"),
  sequence: z.int().min(0).describe('the stream sequence of `ticket.opened`: breaks ties of pushedAt'),
  receivedAt: moment.describe('when ingest published `ticket.opened`: what durations are measured from'),
  openedAt: moment.describe('when the tracker took it'),
  traceparent: z.string().optional().describe('W3C trace context of the webhook'),
  state: ticketState,
  stations: z.array(stationRecord).describe('in the order they were entered'),
});
export type Ticket = z.infer<typeof ticketSchema>;

export const openStates = ['waiting', 'promoting', 'syncing'] as const satisfies StateName[];
export const terminalStates = ['completed', 'failed', 'superseded'] as const satisfies StateName[];

/** Whether the Ticket's ride is over, for better or worse. */
export function isOver(state: TicketState): boolean {
  return (terminalStates as readonly StateName[]).includes(state.is);
}
