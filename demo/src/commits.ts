import type { Commit } from '@k8sta/sandbox';

/** Prints our commits as the Git server has them, oldest first. */
export function printCommits(commits: readonly Commit[], say: (line: string) => void): void {
  for (const { sha, subject, files, trailers } of commits.filter(isOurs)) {
    say(`commit ${sha}`);
    for (const line of [subject, ...files, ...Object.entries(trailers).map(([name, value]) => `${name}: ${value}`)]) {
      say(`    ${line}`);
    }
  }
}

/** `dev=<sha> stage=<sha> ...` in the order of the commits. */
export function stationShas(commits: readonly Commit[], ticket: string): string {
  return commits
    .filter((commit) => isOurs(commit) && commit.trailers['K8sTA-Ticket'] === ticket)
    .map(({ sha, trailers }) => `${trailers['K8sTA-Station']}=${sha}`)
    .join(' ');
}

function isOurs({ trailers }: Commit): boolean {
  return trailers['K8sTA-Ticket'] !== undefined;
}
