import { z } from 'zod';

/** The kinds of forges: hosts of Git repositories with pull requests. Forgejo is a Gitea. */
export const forgeProvider = z.enum(['github', 'gitlab', 'gitea']);
export type ForgeProvider = z.infer<typeof forgeProvider>;

/** Who merges a pull request. */
export const mergeMode = z
  .enum(['byPeople', 'auto', 'whenChecksPass'])
  .describe(
    '`byPeople`: people merge; `auto`: K8sTA merges as soon as the forge permits it; `whenChecksPass`: in addition, every check that was reported for the commit has passed, and at least one was reported',
  );

/** How the commit reaches the branch: GitHub's names; GitLab and Gitea have the same three under other names. */
export const mergeMethod = z.enum(['merge', 'squash', 'rebase']);
export type MergeMethod = z.infer<typeof mergeMethod>;

/** A commit that reaches its branch by a pull request. */
const pullRequestWish = z.looseObject({
  provider: forgeProvider.optional().describe('absent: as the credential or the host of the repository says'),
  merge: mergeMode,
  method: mergeMethod.optional().describe('how K8sTA merges; absent: merge'),
  labels: z.array(z.string().min(1).max(100)).max(20).optional(),
  reviewers: z
    .array(z.string().min(1).max(100))
    .max(20)
    .optional()
    .describe('names of users; on GitHub also `organisation/team`'),
  draft: z.boolean().optional(),
  title: z.string().min(1).max(1_024).optional().describe('a Liquid template'),
  body: z.string().min(1).max(10_000).optional().describe('a Liquid template'),
});
export type PullRequestWish = z.infer<typeof pullRequestWish>;

/** How a part is written, where it is not by a plain commit. */
export const writeWish = z.looseObject({
  pullRequest: pullRequestWish.optional().describe('absent: a commit on the branch itself'),
  statuses: z.boolean().optional().describe('whether the forge shows on the commit what became of it'),
  deployments: z.boolean().optional().describe('whether GitHub shows a deployment to an environment for the Station'),
});
export type WriteWish = z.infer<typeof writeWish>;
