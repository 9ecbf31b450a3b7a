import type { Author } from '../../git/fast-import.js';
import { commitsOf, commitTree, isAncestor, mergeTree, rebase } from './git-merge.js';

/**
 * How a pull request reaches its base. `squashAndMerge`: the squashed commit, and a merge commit of it (GitLab).
 * `rebase` makes new commits always (GitHub); `rebaseIfBehind` keeps them where it can (Gitea); `fastForward` needs no copy.
 */
export interface Landing {
  readonly style: 'merge' | 'squash' | 'squashAndMerge' | 'rebase' | 'rebaseIfBehind' | 'fastForward';
  /** Of the merge commit. */
  readonly mergeMessage: string;
  readonly squashMessage: string;
  /** Who merges. */
  readonly by: Author;
  /** As which user the forge itself signs a commit that it makes; undefined: as who merges. */
  readonly committer?: Author;
}

export interface Landed {
  readonly commit: string;
  readonly merge?: string;
  readonly squash?: string;
}

/** Makes the commits; moves no branch. Undefined: they conflict, or a fast-forward is impossible. */
export async function makeCommits(
  directory: string,
  { base, head }: { base: string; head: string },
  landing: Landing,
): Promise<Landed | undefined> {
  const ends = { directory, base, head };
  switch (landing.style) {
    case 'merge': {
      const merge = await mergeCommit(ends, landing);
      return merge ? { commit: merge, merge } : undefined;
    }
    case 'squash': {
      const squash = await squashCommit(ends, landing);
      return squash ? { commit: squash, squash } : undefined;
    }
    case 'squashAndMerge': {
      const squash = await squashCommit(ends, landing);
      const merge = squash && (await mergeCommit({ ...ends, head: squash }, landing));
      return merge ? { commit: merge, merge, squash } : undefined;
    }
    case 'rebase':
      return rebased(ends, landing);
    case 'rebaseIfBehind':
      return (await isAncestor(directory, base, head)) ? { commit: head } : rebased(ends, landing);
    case 'fastForward':
      return (await isAncestor(directory, base, head)) ? { commit: head } : undefined;
    default:
      return landing.style satisfies never;
  }
}

interface Ends {
  readonly directory: string;
  readonly base: string;
  readonly head: string;
}

async function mergeCommit({ directory, base, head }: Ends, landing: Landing): Promise<string | undefined> {
  const tree = await mergeTree(directory, base, head);
  if (!tree) return undefined;
  const { by, committer = by, mergeMessage: message } = landing;
  return commitTree(directory, { tree, parents: [base, head], message, author: by, committer });
}

async function squashCommit({ directory, base, head }: Ends, landing: Landing): Promise<string | undefined> {
  const tree = await mergeTree(directory, base, head);
  if (!tree) return undefined;
  const { by, committer = by, squashMessage: message } = landing;
  const [first] = await commitsOf(directory, base, head);
  return commitTree(directory, { tree, parents: [base], message, author: first?.author ?? by, committer });
}

async function rebased({ directory, base, head }: Ends, { by, committer = by }: Landing): Promise<Landed | undefined> {
  const commit = await rebase(directory, { base, head, committer });
  return commit ? { commit } : undefined;
}
