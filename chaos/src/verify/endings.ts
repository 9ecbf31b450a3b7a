import { type Evidence, type Happened, isEnd } from '../evidence.js';
import type { Blow } from '../plan/blow.js';
import type { PlannedTrack } from '../plan/track.js';
import { compareTags } from './tags.js';

/** Tickets that have not ended, ended twice, or ended as the scenario of their Track does not explain. */
export function brokenEndings({ plan, accepted, history, pullRequests }: Evidence): string[] {
  const endsOf = new Map<string, Happened[]>();
  for (const event of history.filter(isEnd)) {
    const known = endsOf.get(event.ticket) ?? [];
    // The same event may be stored again after the window for duplicates.
    if (known.some((each) => each.type === event.type)) continue;
    endsOf.set(event.ticket, [...known, event]);
  }
  const tags = new Map(accepted.map(({ ticket, tag }) => [ticket, tag]));
  const tracks = new Map(accepted.map(({ ticket, track }) => [ticket, track]));
  const closed = pullRequests.filter(({ isClosedByPerson }) => isClosedByPerson).map(({ part }) => part);
  const blows = plan.steps.flatMap((step) => (step.do === 'blow' ? step.blow : []));
  const jumps = blows.some(setsTrackersForward);
  const outages = blows.some(({ kind }) => kind === 'git' || kind === 'api');
  const found: string[] = [];
  for (const [ticket, tag] of tags) {
    const track = tracks.get(ticket) ?? '';
    const ends = endsOf.get(ticket) ?? [];
    const [end] = ends;
    const line = plan.lines.find(({ name }) => name === track);
    if (!line || !end) found.push(`${track}:${tag} has not ended; ${lastOf(history, ticket)}`);
    else if (ends.length > 1) found.push(`${track}:${tag} ended as ${ends.map(({ type }) => type).join(' and ')}`);
    else {
      const newest = newestOf(evidenceTags(accepted, track));
      const fault = faultOf(end, {
        line,
        tag,
        isNewest: tag === newest,
        closed,
        jumps,
        outages,
        tagOf: (id) => tags.get(id),
      });
      if (fault)
        found.push(`${track}:${tag} (${line.scenario.name}) ${fault}: ${end.reason ?? ''} ${end.message ?? ''}`);
    }
  }
  return found;
}

function setsTrackersForward(blow: Blow): boolean {
  return blow.kind === 'clock' && blow.byMs > 0 && blow.replicas.some((replica) => replica.startsWith('tracker/'));
}

function evidenceTags(accepted: Evidence['accepted'], track: string): string[] {
  return accepted.filter((each) => each.track === track).map(({ tag }) => tag);
}

function newestOf(tags: readonly string[]): string | undefined {
  return [...tags].sort(compareTags).at(-1);
}

function lastOf(history: readonly Happened[], ticket: string): string {
  const last = history.findLast((event) => event.ticket === ticket);
  return last ? `its last event: ${last.type} ${last.station ?? ''}: ${last.message ?? ''}` : 'it has no event';
}

interface Ending {
  readonly line: PlannedTrack;
  readonly tag: string;
  readonly isNewest: boolean;
  /** The parts whose pull request a person closed. */
  readonly closed: readonly string[];
  /** Whether the clock of a tracker is set forward. */
  readonly jumps: boolean;
  /** Whether the Git server or the API server breaks. */
  readonly outages: boolean;
  readonly tagOf: (ticket: string) => string | undefined;
}

/**
 * What the next change mends: somebody creates a deleted Application again, and it starts with the new image; the commit after
 * the one that cannot be rendered can be rendered.
 */
const mended: ReadonlySet<string> = new Set(['deleted', 'comparisonError']);

/** What K8sTA says of an Application whose Argo CD cannot read Git, or does not answer: the cause is not visible yet. */
const isNotThereYet = /its status is older than|behind our commit|a sync is about to start|: syncing/;

function faultOf(end: Happened, { line, tag, isNewest, closed, jumps, outages, tagOf }: Ending): string | undefined {
  const { ends, message, scenario } = line.scenario;
  switch (end.type) {
    case 'ticket.completed':
      return ends === 'failed' && !mended.has(scenario.kind) ? 'completed where Argo CD never lets it' : undefined;
    case 'ticket.failed':
      if (end.reason === 'ProposalClosed') {
        const isExplained = closed.some((part) => part.startsWith(`${end.ticket}/${end.station}/`));
        return isExplained ? undefined : 'failed, and nobody closed its pull request';
      }
      // By its clock, the Application was Degraded for longer than the grace.
      if (jumps && scenario.kind === 'degradedThenHealed' && end.reason === 'Degraded') return undefined;
      if (ends !== 'failed') return `failed at ${end.station} without a cause`;
      if (end.station !== line.at.station) return `failed at ${end.station}, not at ${line.at.station}`;
      if (outages && end.reason === 'DeadlineExceeded' && isNotThereYet.test(end.message ?? '')) return undefined;
      return message && !message.test(end.message ?? '') ? 'failed for another reason than the scenario' : undefined;
    case 'ticket.superseded': {
      const by = tagOf(end.by ?? '');
      if (isNewest) return 'is the newest of its Track, and was superseded';
      return by === undefined || compareTags(by, tag) <= 0 ? `was superseded by ${by ?? 'no Ticket'}` : undefined;
    }
    default:
      return `ended by ${end.type}`;
  }
}
