import { z } from 'zod';
import { ticketFailure } from './failure-reasons.js';
import { applicationRef, commitSha, digest, label, tag } from './names.js';
import { waitReason } from './reasons.js';
import { supersedeReason } from './supersede-reasons.js';
import { editTarget, imagePlace } from './target.js';
import { forgeProvider } from './write.js';

/** The change that a Ticket is about. */
export const imageRef = z.looseObject({
  repository: z.string().min(1).describe('in its normalised form: `docker.io/library/nginx`'),
  tag,
  digest: digest.optional().describe('if the sender knows it'),
});

/** The image that the files must name, and the repositories that replace its own in some environments. */
export const wantedImage = imageRef.extend({
  aliases: z
    .array(z.string().min(1).max(512))
    .max(20)
    .optional()
    .describe('normalised repositories that replace it in some environments, such as mirrors'),
});
export type WantedImage = z.infer<typeof wantedImage>;

/** The number of a Ticket among those of the same image on its Track, from 1. The limit is more than people need. */
export const ticketAttempt = z.int().min(1).max(1_000);

/** The first fields of every event about a Ticket. */
export const ticketHead = {
  ticket: z.string().min(1).describe("the Ticket's id"),
  track: label.describe('the Track of the Ticket'),
  image: imageRef,
};

export const waitingOn = z
  .enum(['block', 'gate', 'soak', 'pause', 'application', 'tracks'])
  .describe(
    'what it waits for: `block` is a Station that another Ticket holds, `gate` is an approval, a window, an arrival on another Track, a check or a person, `soak` is the soak at the Station `at`, `pause` is a pause, `application` is an Application, `tracks` are the Tickets of a junction',
  );
export type WaitingOn = z.infer<typeof waitingOn>;

/** The result of one Application of a promotion part. */
export const promotedApplication = applicationRef.extend({
  file: z
    .string()
    .optional()
    .describe('the file that names the image, as a path in the repository; absent if the Application was skipped'),
  target: editTarget.optional().describe('how that file names the image; absent if the Application was skipped'),
  alsoIn: z.array(imagePlace).max(20).optional().describe('the other places that name the image'),
  outcome: z
    .enum(['edited', 'unchanged', 'skipped'])
    .describe(
      'edited by our commit, unchanged because the file already named the image, or skipped because its files do not name it',
    ),
  before: z.string().optional().describe('the image as the file named it before'),
  after: z.string().optional().describe('the image as the file names it now'),
  message: z.string().optional().describe('why the Application was skipped'),
});
export type PromotedApplication = z.infer<typeof promotedApplication>;

/** A pull request of K8sTA. */
export const proposalRef = z.looseObject({
  provider: forgeProvider,
  number: z.int().min(1).describe('the number of the pull request; in GitLab its iid'),
  url: z.string().max(2_048).describe('the page of the pull request'),
});
export type ProposalRef = z.infer<typeof proposalRef>;

/** The commit of one part. `commit` is absent if the files already named the image. */
export const partCommit = z.looseObject({
  part: z.int().min(0).describe('the index of the part in the promotion, from 0'),
  repository: z.string().describe('its address, without credentials'),
  branch: z.string(),
  revision: commitSha.describe('a revision of the branch whose files name the image'),
  commit: commitSha.optional().describe('the commit of this part; absent if none was needed'),
  applications: z.array(promotedApplication),
  proposal: proposalRef.optional().describe('the pull request by which the commit reached the branch'),
  mergedBy: z.string().min(1).max(200).optional().describe('who merged it, as the forge names them'),
});
export type PartCommit = z.infer<typeof partCommit>;

const moment = z.iso.datetime();

const proposals = z
  .array(proposalRef)
  .optional()
  .describe('the pull requests that wait for their merge; absent without any');

/** Where a Ticket is. `reason`, a code, and `message`, a sentence that a person can act on, say what it waits for. */
export const ticketState = z.discriminatedUnion('is', [
  z.looseObject({
    is: z.literal('waiting').describe('waits to enter the Station `next`; `on` and `message` say what for'),
    at: label.optional().describe('the Station that it has arrived at; absent before the first'),
    next: label.optional().describe('absent while it soaks at the last Station'),
    on: waitingOn,
    reason: waitReason,
    message: z.string(),
    since: moment,
    until: moment.optional().describe('when the wait ends by itself or is looked at again, where that is known'),
  }),
  z.looseObject({
    is: z
      .literal('promoting')
      .describe(
        'the commits are requested; the promoter commits nothing after `notAfter`, except by a pull request that is open',
      ),
    station: label,
    promotion: z.string(),
    notAfter: moment,
    proposals,
    reason: waitReason,
    message: z.string(),
    since: moment,
  }),
  z.looseObject({
    is: z.literal('syncing').describe('the commits are pushed; the Ticket waits for Argo CD until `deadline`'),
    station: label,
    promotion: z.string(),
    deadline: moment,
    reason: waitReason,
    message: z.string(),
    since: moment,
  }),
  z.looseObject({
    is: z
      .literal('rollingBack')
      .describe('the Station failed, and its Applications go back to the image that ran there before'),
    station: label,
    promotion: z.string(),
    to: z.string().describe('the image that ran before'),
    failure: z.looseObject({ reason: ticketFailure, message: z.string() }).describe('why the Station failed'),
    notAfter: moment.describe('the promoter commits nothing after this time'),
    proposals,
    deadline: moment.optional().describe('until when the rollback must arrive; absent before its commit'),
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
    is: z.literal('superseded').describe('a newer image replaces it'),
    by: z.string().optional().describe('the Ticket that replaces it; absent if it is no Ticket of this Track'),
    // Versions before the other reasons existed wrote none.
    reason: supersedeReason.default('NewerTicket'),
    message: z.string(),
    since: moment,
  }),
  z.looseObject({
    is: z.literal('cancelled').describe('an operator ended it'),
    station: label.optional().describe('the Station that keeps its commit; absent if there is none'),
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
  kind: z.literal('rollback').optional().describe('a rollback to the image that ran before; absent for a promotion'),
  attempt: z.int().min(1).describe('counts from 1'),
  parts: z.int().min(1).describe('the number of requested parts'),
  requestedAt: moment,
  commits: z.array(partCommit),
  committedAt: moment.optional().describe('when the last part was committed'),
  arrivedAt: moment.optional(),
  tracks: z
    .array(z.looseObject({ track: label, ticket: z.string() }))
    .optional()
    .describe('the Tickets that a junction opened'),
});

/** The Ticket of a junction that opened this one. */
export const parentTicket = z
  .looseObject({ track: label, ticket: z.string().min(1).max(64), station: label })
  .describe('the Ticket of a junction that opened this one');

/** A whole Ticket, as the `K8STA_STATE` bucket holds it under `ticket.<track>.<id>`. */
export const ticketSchema = z.looseObject({
  id: ticketHead.ticket,
  track: ticketHead.track,
  image: ticketHead.image,
  sender: z.string().describe('the sender of the webhook'),
  pushedAt: moment.describe("the sender's push time, or else the time of receipt; it orders a lane"),
  sequence: z.int().min(0).describe('the stream sequence of `ticket.opened`; it breaks ties of `pushedAt`'),
  receivedAt: moment.describe('when ingest published `ticket.opened`; durations are measured from it'),
  openedAt: moment.describe('when the tracker opened it'),
  traceparent: z.string().optional().describe('W3C trace context of the webhook'),
  attempt: z.int().min(2).optional().describe('counts from 1; absent for the first'),
  parent: parentTicket.optional(),
  by: z.string().optional().describe('the operator whose word opened it'),
  state: ticketState,
  stations: z.array(stationRecord).describe('in the order in which the Ticket entered them'),
});
export type Ticket = z.infer<typeof ticketSchema>;

export const openStates = ['waiting', 'promoting', 'syncing', 'rollingBack'] as const satisfies StateName[];
export const terminalStates = ['completed', 'failed', 'superseded', 'cancelled'] as const satisfies StateName[];

/** Whether the Ticket has ended, in any way. */
export function isOver(state: TicketState): boolean {
  return (terminalStates as readonly StateName[]).includes(state.is);
}
