import type { Branch, Evidence } from '../evidence.js';

/** A commit of ours on the branch of a repository. */
export interface OurCommit {
  readonly repository: string;
  readonly sha: string;
  readonly part: string;
  readonly ticket: string | undefined;
  readonly track: string | undefined;
  readonly station: string | undefined;
}

/**
 * Our commits in the order of their branches: those with our trailers, and those that a merge made of them. A merge commit has
 * no trailers, and a person who squashes may drop them; then the event names the commit.
 */
export function ourCommits({ branches, history }: Evidence): OurCommit[] {
  const reported = new Map(
    history.flatMap(({ type, commit, part, ticket, track, station }) =>
      type === 'promotion.committed' && commit !== undefined && part !== undefined
        ? [[commit, { part, ticket, track, station }] as const]
        : [],
    ),
  );
  return branches.flatMap(({ repository, commits }) =>
    commits.flatMap(({ sha, trailers }) => {
      const of = byTrailers(trailers) ?? reported.get(sha);
      return of ? [{ repository, sha, ...of }] : [];
    }),
  );
}

function byTrailers({
  'K8sTA-Promotion': part,
  'K8sTA-Ticket': ticket,
  'K8sTA-Track': track,
  'K8sTA-Station': station,
}: Branch['commits'][number]['trailers']): Omit<OurCommit, 'repository' | 'sha'> | undefined {
  return part === undefined ? undefined : { part, ticket, track, station };
}
