import { NotPermitted } from '@k8sta/bus';
import { type ApiReply, apiOperations, type ProposalRef, proposalRef } from '@k8sta/contracts';
import type { Command } from 'commander';
import { asOperator, type Flags } from '../connect.js';
import { runCommand } from '../exit-code.js';
import { fields, imageText, moment, table } from '../output.js';
import { addOperatingFlags, answer, examples, fieldOf } from '../speak.js';
import { stateText } from '../state-text.js';
import { type Entry, entriesOf, short } from '../story.js';

type Ticket = Extract<ApiReply<'ticket'>, { ok: true }>['ticket'];

export function addTicket(program: Command): void {
  const command = program
    .command('ticket')
    .description('show the whole life of a Ticket: its Stations with their commits, and what happened when')
    .argument('<id>', 'its id, or how it begins')
    .option('--track <track>', 'its Track');
  examples(command, 'ticket 3f2a9c', 'ticket 3f2a9c -o json');
  addOperatingFlags(command).action((id: string) => {
    const flags = command.opts() as Flags;
    return runCommand(async () => {
      const asked = { ticket: id, ...fieldOf(flags, 'track') };
      // Before it connects, so that a wrong command line is said to be wrong.
      apiOperations.ticket.request.parse(asked);
      return asOperator(flags, async ({ call, tap }) => {
        const reply = await call('ticket', asked);
        if (!reply.ok) return answer(flags, reply, () => '');
        const { ticket } = reply;
        // A user may be allowed to ask the tracker and not to read the stream.
        const told = await entriesOf(tap, ticket.track, startOf(ticket)).catch((error: unknown) => {
          if (error instanceof NotPermitted) return undefined;
          throw error;
        });
        const life = told?.filter((entry) => entry.ticket === ticket.id);
        return answer(flags, { ...reply, ...(life && { history: life }) }, () => show(ticket, life));
      });
    });
  });
}

/** The event that opened it may be a little older than the tracker's time of opening. */
function startOf({ pushedAt, openedAt }: Ticket): Date {
  const opened = typeof openedAt === 'string' ? openedAt : pushedAt;
  return new Date(Date.parse(opened) - 60 * 60 * 1_000);
}

function show(ticket: Ticket, life: readonly Entry[] | undefined): string {
  const { id, track, image, pushedAt, state, stations } = ticket;
  const head = fields([
    ['Ticket', id],
    ['Track', track],
    ['image', imageText(image)],
    ['pushed', moment(pushedAt)],
    ['state', stateText(state)],
    ['since', moment(state.since)],
    ...openProposals(state).map(({ url }): [string, string] => ['pull request', url]),
  ]);
  const visited = stations.map(({ station, attempt, requestedAt, committedAt, arrivedAt, commits }) => [
    attempt > 1 ? `${station} (${attempt}.)` : station,
    moment(requestedAt),
    moment(committedAt),
    moment(arrivedAt),
    commits.map(commitText).join(', ') || '-',
  ]);
  const columns = ['STATION', 'REQUESTED', 'COMMITTED', 'ARRIVED', 'COMMITS'];
  const records = visited.length > 0 ? `\n${table(columns, visited)}` : '';
  return `${head}${records}\n${storyText(life)}`;
}

function openProposals(state: Ticket['state']): readonly ProposalRef[] {
  return proposalRef.array().safeParse(state['proposals']).data ?? [];
}

function commitText({ commit, repository, mergedBy }: Ticket['stations'][number]['commits'][number]): string {
  const by = mergedBy === undefined ? '' : `, merged by ${mergedBy}`;
  return `${commit ? short(commit) : 'unchanged'} ${repository}${by}`;
}

function storyText(life: readonly Entry[] | undefined): string {
  if (life === undefined) return 'what happened when: this user may not read the stream K8STA\n';
  const rows = life.map(({ time, what, station = '', by, reason, message, commits = [] }) => {
    const details = [by && `by ${by}`, reason && `(${reason})`, commits.map(short).join(' '), message];
    return [moment(time), what, station, details.filter(Boolean).join(' ')];
  });
  return rows.length > 0 ? table(['TIME', 'WHAT', 'STATION', 'DETAILS'], rows) : '';
}
