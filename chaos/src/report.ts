import { type Evidence, isEnd } from './evidence.js';
import type { Plan } from './plan/plan.js';
import { ourCommits } from './verify/attribution.js';
import { type Breach, promises } from './verify/breach.js';

export interface Verdict {
  readonly seed: number;
  readonly seconds: number;
  readonly tickets: number;
  readonly kills: number;
  readonly outages: number;
  /** How many Tickets ended in each way. */
  readonly ended: Readonly<Record<string, number>>;
  readonly commits: number;
  /** Merged pull requests. */
  readonly merges: number;
  readonly events: number;
  /** Starts of services that gave up while a server was away. */
  readonly failedStarts: number;
  /** The most memory of a replica of each service, in mebibytes. */
  readonly memory: Readonly<Record<string, number>>;
  readonly breaches: readonly Breach[];
  readonly logs?: string;
}

export function describePlan({ seed, tickets, kills, forge, lines, steps }: Plan): string[] {
  const outages = steps.filter((step) => step.do === 'blow' && step.blow.kind !== 'kill').length;
  const repositories = new Set(lines.map(({ hosted }) => hosted.repository)).size;
  return [
    `seed ${seed}: ${tickets} Tickets on ${lines.length} Tracks over ${repositories} repositories, ${kills} kills and ${outages} outages in ${steps.length} steps`,
    `pull requests on ${forge}: ${lines.flatMap(({ name, pullRequests: with_ }) => (with_ ? [`${name} ${with_.merge} by ${with_.method}`] : [])).join(', ')}`,
    `scenarios: ${lines.map(({ name, scenario }) => `${name} ${scenario.name}`).join(', ')}`,
  ];
}

export function summarize(evidence: Evidence, breaches: readonly Breach[], seconds: number): Verdict {
  const { plan, kills, history, memory } = evidence;
  const blows = plan.steps.flatMap((step) => (step.do === 'blow' ? [step.blow] : []));
  const ends = new Map(history.filter(isEnd).map(({ ticket, type }) => [ticket, type.slice('ticket.'.length)]));
  const ended: Record<string, number> = {};
  for (const how of ends.values()) ended[how] = (ended[how] ?? 0) + 1;
  const most: Record<string, number> = {};
  for (const { replica, mib } of memory) {
    const [name = ''] = replica.split('/');
    most[name] = Math.max(most[name] ?? 0, mib);
  }
  const ours = ourCommits(evidence).length;
  const merges = evidence.pullRequests.filter(({ state }) => state === 'merged').length;
  return {
    ...{ seed: plan.seed, seconds, tickets: new Set(evidence.accepted.map(({ ticket }) => ticket)).size },
    ...{ kills, outages: blows.filter(({ kind }) => kind !== 'kill').length },
    ...{ ended, commits: ours, merges, events: history.length, memory: most, breaches },
    failedStarts: evidence.failedStarts.length,
  };
}

const mostShown = 40;

export function inWords(verdict: Verdict): string[] {
  const { seed, seconds, tickets, kills, outages, ended, commits, merges, failedStarts, memory, breaches, logs } =
    verdict;
  const list = (of: Readonly<Record<string, number>>) =>
    Object.entries(of)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ');
  return [
    `seed ${seed}: ${tickets} Tickets (${list(ended)}), ${commits} commits, of which ${merges} are merges, ${kills} kills, ${outages} outages, ${failedStarts} failed starts in ${seconds} s`,
    `most memory in MiB: ${list(memory)}`,
    ...breaches.slice(0, mostShown).map(({ promise, what }) => `BROKEN: ${promises[promise]}: ${what}`),
    ...(breaches.length > mostShown ? [`and ${breaches.length - mostShown} more`] : []),
    breaches.length === 0 ? 'every promise held' : `${breaches.length} broken; logs, history and plan: ${logs}`,
  ];
}
