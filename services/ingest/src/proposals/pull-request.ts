import { z } from 'zod';
import type { Ignored } from '../senders/sender.js';
import type { Mention } from './mention.js';

/** A repository of GitHub or Gitea. */
export const repository = z.object({ full_name: z.string().max(2_048) });

/** Who caused an event of GitHub or Gitea. */
export const sender = z.object({ login: z.string() });

/** The fields that we read of a pull request. Gitea has GitHub's names. */
export const pullRequest = z.object({
  number: z.int().min(1),
  merged: z.boolean().nullish(),
  // The repository is null once a fork is deleted.
  head: z.object({ ref: z.string(), repo: repository.nullish() }),
  base: z.object({ repo: repository }),
});

interface PullRequestEvent {
  readonly action: string;
  readonly pull: z.output<typeof pullRequest>;
  readonly by: string | undefined;
  /** The actions after which the pull request may be another than before. */
  readonly changes: ReadonlySet<string>;
}

/** What an event about a pull request says. */
export function mentionOf({ action, pull, by, changes }: PullRequestEvent): readonly Mention[] | Ignored {
  const what = whatOf(action, pull.merged === true, changes);
  if (what === undefined) return nothingChanged;
  const { full_name } = pull.base.repo;
  const isOfFork = pull.head.repo?.full_name !== full_name;
  return [{ branch: pull.head.ref, isOfFork, repository: full_name, number: pull.number, what, by }];
}

export const nothingChanged: Ignored = { ignored: 'the event changes nothing that K8sTA looks at' };

function whatOf(action: string, isMerged: boolean, changes: ReadonlySet<string>): Mention['what'] | undefined {
  if (action === 'closed') return isMerged ? 'merged' : 'closed';
  return changes.has(action) ? 'changed' : undefined;
}

/** A run of checks, of GitHub or Gitea. */
export const run = z.object({ head_branch: z.string().nullish(), head_repository: repository.nullish() });

export const isRunning: Ignored = { ignored: 'the check has not ended' };

/**
 * What an event about the end of a run says. Of a check of a fork GitHub may name no repository. A fork's branch with the name
 * of ours then makes the promoter look once more, and nothing else.
 */
export function mentionOfRun(
  { head_branch: branch, head_repository: head }: z.output<typeof run>,
  at: z.output<typeof repository> | undefined,
): readonly Mention[] | Ignored {
  if (!branch || !at) return { ignored: 'the check names no branch' };
  const isOfFork = (head?.full_name ?? at.full_name) !== at.full_name;
  return [{ branch, isOfFork, repository: at.full_name, what: 'checked' }];
}
