import type { Octokit } from '@octokit/rest';
import { z } from 'zod';
import type { Asking } from './asking.js';
import type { Check } from './checks.js';
import { allPages } from './pages.js';

const maxPages = 20;
const perPage = 50;
const name = z.string().max(1_000);

/** https://docs.github.com/en/rest/checks/runs#list-check-runs-for-a-git-reference */
const runsSchema = z.looseObject({
  check_runs: z.array(z.looseObject({ name, status: z.string().max(100), conclusion: z.string().max(100).nullish() })),
});

/** https://docs.github.com/en/rest/commits/statuses#get-the-combined-status-for-a-specific-reference */
const statusSchema = z.looseObject({
  statuses: z.array(z.looseObject({ context: name, state: z.enum(['pending', 'success', 'failure', 'error']) })),
});

export interface CommitOf {
  readonly owner: string;
  readonly repo: string;
  readonly ref: string;
}

/** The two things that report on a commit: check runs, such as those of GitHub Actions, and commit statuses. */
export async function readChecks(octokit: Octokit, asking: Asking, commit: CommitOf): Promise<Check[]> {
  const runs = await allPages(maxPages, async (page) => {
    const { check_runs: items } = await asking.ask('checks', runsSchema, async () => {
      return (await octokit.checks.listForRef({ ...commit, filter: 'latest', per_page: perPage, page })).data;
    });
    return { items, isLast: items.length < perPage };
  });
  const statuses = await allPages(maxPages, async (page) => {
    const { statuses: items } = await asking.ask('checks', statusSchema, async () => {
      return (await octokit.repos.getCombinedStatusForRef({ ...commit, per_page: perPage, page })).data;
    });
    return { items, isLast: items.length < perPage };
  });
  return [
    ...runs.map((run) => ({ name: run.name, state: stateOfRun(run.status, run.conclusion ?? '') })),
    ...statuses.map(({ context, state }) => ({ name: context, state: stateOfStatus(state) })),
  ];
}

function stateOfRun(status: string, conclusion: string): Check['state'] {
  if (status !== 'completed') return 'pending';
  return ['success', 'neutral', 'skipped'].includes(conclusion) ? 'passed' : 'failed';
}

function stateOfStatus(state: 'pending' | 'success' | 'failure' | 'error'): Check['state'] {
  if (state === 'pending') return 'pending';
  return state === 'success' ? 'passed' : 'failed';
}
