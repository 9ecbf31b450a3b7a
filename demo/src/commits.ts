import type { Commit } from '@k8sta/sandbox';

/** The commits of K8sTA on the Git server, oldest first, as lines for a person. */
export function commitLines(commits: readonly Commit[]): string[] {
  return commits.filter(isOurs).flatMap(({ sha, subject, files, trailers }) => {
    const written = Object.entries(trailers).map(([name, value]) => `${name}: ${value}`);
    return [`commit ${sha}`, ...[subject, ...files, ...written].map((line) => `    ${line}`)];
  });
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
