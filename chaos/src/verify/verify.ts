import type { Evidence } from '../evidence.js';
import type { Breach, Promised } from './breach.js';
import { brokenBranches, brokenCommits } from './commits.js';
import { brokenEndings } from './endings.js';
import { brokenFiles, brokenOrder } from './order.js';
import { brokenProposals } from './proposals.js';
import { brokenStations } from './stations.js';

/** Every promise that the run has broken, with what shows it. */
export function verify(evidence: Evidence): Breach[] {
  const of = (promise: Promised, found: readonly string[]): Breach[] => found.map((what) => ({ promise, what }));
  return [
    ...of('accepted', brokenAcceptance(evidence)),
    ...of('ended', brokenEndings(evidence)),
    ...of('commits', brokenCommits(evidence)),
    ...of('proposals', brokenProposals(evidence)),
    ...of('branches', brokenBranches(evidence)),
    ...of('stations', brokenStations(evidence)),
    ...of('order', brokenOrder(evidence)),
    ...of('files', brokenFiles(evidence)),
    ...of('state', evidence.live),
    ...of('deadLetters', evidence.deadLetters),
    ...of('refusals', evidence.refusals),
    ...of('processes', [...evidence.crashes, ...tooLarge(evidence)]),
  ];
}

function brokenAcceptance({ plan, accepted, history }: Evidence): string[] {
  const opened = history.filter(({ type }) => type === 'ticket.opened');
  const [wasOpened, wasAccepted] = [opened, accepted].map((each) => new Set(each.map(({ ticket }) => ticket)));
  const ticketsOf = new Map<string, Set<string>>();
  for (const { track, tag, ticket } of accepted) {
    const image = `${track}:${tag}`;
    ticketsOf.set(image, (ticketsOf.get(image) ?? new Set()).add(ticket));
  }
  const pushed = plan.steps.flatMap((step) => (step.do === 'push' ? step.pushes : []));
  const images = new Set(pushed.map(({ track, tag }) => `${track}:${tag}`));
  return [
    ...[...images].filter((image) => !ticketsOf.has(image)).map((image) => `${image} was accepted without a Ticket`),
    ...[...ticketsOf].flatMap(([image, ids]) => (ids.size > 1 ? [`${image} has ${ids.size} Tickets`] : [])),
    ...accepted
      .filter(({ ticket }) => !wasOpened?.has(ticket))
      .map(({ track, tag, ticket }) => `${track}:${tag} was accepted, and its Ticket ${ticket} was never opened`),
    ...opened
      .filter(({ ticket }) => !wasAccepted?.has(ticket))
      .map(({ track, tag, ticket }) => `no webhook opened the Ticket ${ticket} of ${track}:${tag}`),
  ];
}

function tooLarge({ memory }: Evidence): string[] {
  return memory
    .filter(({ mib, limitMib }) => mib > limitMib)
    .map(({ replica, mib, limitMib }) => `${replica} used ${mib} MiB, more than ${limitMib} MiB`);
}
