import type { Evidence } from '../evidence.js';
import { ourCommits } from './attribution.js';

/** A part with two pull requests, and a merge that no event reports or that the branch does not have. */
export function brokenProposals(evidence: Evidence): string[] {
  const { history, pullRequests } = evidence;
  const numbers = new Map<string, string[]>();
  for (const { part, repository, number } of pullRequests) {
    numbers.set(part, [...(numbers.get(part) ?? []), `${repository} #${number}`]);
  }
  const ours = new Map(ourCommits(evidence).map(({ repository, sha, part }) => [`${repository} ${sha}`, part]));
  const reported = new Map(
    history.filter(({ type }) => type === 'promotion.committed').map(({ part, commit }) => [part, commit]),
  );
  return [
    ...[...numbers].flatMap(([part, all]) => (all.length > 1 ? [`${part}: ${all.join(', ')}`] : [])),
    ...pullRequests.flatMap(({ part, repository, number, merge }) => {
      if (merge === undefined || ours.get(`${repository} ${merge}`) === part) return [];
      const says = reported.get(part) ?? 'no commit';
      return [`${repository} #${number} is merged as ${merge}, and the event of ${part} names ${says}`];
    }),
    ...pullRequests
      .filter(({ state }) => state === 'open')
      .map(({ part, repository, number }) => `${repository} #${number} of ${part} is still open`),
  ];
}
