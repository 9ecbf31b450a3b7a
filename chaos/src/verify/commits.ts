import type { Branch, Evidence } from '../evidence.js';
import { ourCommits } from './attribution.js';

/** A part with two commits or without its commit, and a commit without a request. */
export function brokenCommits(evidence: Evidence): string[] {
  const { history } = evidence;
  const requested = new Set(partsOf(history, 'promotion.requested'));
  const made = new Map<string, string[]>();
  for (const { repository, sha, part } of ourCommits(evidence)) {
    made.set(part, [...(made.get(part) ?? []), `${repository} ${sha}`]);
  }
  const committed = history.filter(({ type, commit }) => type === 'promotion.committed' && commit !== undefined);
  const answered = new Set(committed.map(({ part }) => part));
  return [
    ...[...made].flatMap(([part, commits]) => (commits.length > 1 ? [`${part}: ${commits.join(', ')}`] : [])),
    ...[...made.keys()].filter((part) => !requested.has(part)).map((part) => `nobody requested the commit of ${part}`),
    ...[...made.keys()].filter((part) => !answered.has(part)).map((part) => `no event says that ${part} is committed`),
    ...committed
      .filter(({ part, commit }) => !made.get(part ?? '')?.some((each) => each.endsWith(` ${commit}`)))
      .map(({ part, commit }) => `${part}: no branch has its commit ${commit}`),
    ...unansweredStations(history),
  ];
}

function partsOf(history: Evidence['history'], type: string): string[] {
  return history.flatMap((event) => (event.type === type && event.part !== undefined ? [event.part] : []));
}

/** A Ticket that arrived at a Station of which a part was never committed. */
function unansweredStations(history: Evidence['history']): string[] {
  const committed = new Set(partsOf(history, 'promotion.committed'));
  const arrived = new Set(
    history.filter(({ type }) => type === 'ticket.arrived').map(({ ticket, station }) => `${ticket}/${station}`),
  );
  return [...new Set(partsOf(history, 'promotion.requested'))]
    .filter((part) => arrived.has(part.split('/').slice(0, 2).join('/')) && !committed.has(part))
    .map((part) => `a Ticket arrived, and no event says that its part ${part} is committed`);
}

/** Only the merge of a pull request has two parents, and every tip that was seen is still there, in its order. */
export function brokenBranches({ branches, pullRequests }: Evidence): string[] {
  const merges = new Set(pullRequests.flatMap(({ merge }) => merge ?? []));
  return branches.flatMap((branch) => [...brokenLine(branch, merges), ...lostTips(branch)]);
}

function brokenLine({ repository, commits }: Branch, merges: ReadonlySet<string>): string[] {
  return commits.flatMap(({ sha, parents }, index) => {
    const wanted = index === 0 ? [] : [commits[index - 1]?.sha];
    if (merges.has(sha) && parents.length === 2 && parents[0] === wanted[0]) return [];
    return `${parents}` === `${wanted}` ? [] : [`${repository}: ${sha} has the parents [${parents}], not [${wanted}]`];
  });
}

function lostTips({ repository, commits, seen }: Branch): string[] {
  const places = new Map(commits.map(({ sha }, index) => [sha, index]));
  return seen.flatMap((sha, index) => {
    const place = places.get(sha);
    if (place === undefined) return [`${repository}: ${sha} was the tip, and the branch no longer has it`];
    const before = places.get(seen[index - 1] ?? '') ?? -1;
    return place < before ? [`${repository}: ${sha} was the tip after ${seen[index - 1]}, which follows it now`] : [];
  });
}
