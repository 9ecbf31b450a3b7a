import type { Api } from 'gitea-js';
import { z } from 'zod';
import type { Asking } from './asking.js';
import type { Check } from './checks.js';
import { allPages } from './pages.js';
import { Refusal } from './refusal.js';

/** What a person with a token may read of the protection of a branch. The whole rule is shown to administrators only. */
const branchSchema = z.looseObject({
  required_approvals: z.int().nullish(),
  enable_status_check: z.boolean().nullish(),
  status_check_contexts: z.array(z.string().max(1_000)).max(1_000).nullish(),
});

const reviewsSchema = z
  .array(
    z.looseObject({
      state: z.string().max(100),
      official: z.boolean().nullish(),
      dismissed: z.boolean().nullish(),
      user: z.looseObject({ login: z.string().max(200) }).nullish(),
    }),
  )
  .max(1_000);

const statusSchema = z.looseObject({
  statuses: z.array(z.looseObject({ context: z.string().max(1_000), status: z.string().max(100) })).nullish(),
});

export interface RepositoryAt {
  readonly owner: string;
  readonly repo: string;
}

const maxPages = 20;
/** Gitea's usual limit for one page. A site may set a lower one, so a page that is not full may not be the last. */
export const perPage = 50;

/** What the rules of the base branch still ask for, in words; empty if nothing is known to be missing. */
export async function missingOf(
  api: Api<unknown>,
  asking: Asking,
  { owner, repo }: RepositoryAt,
  pull: { readonly number: number; readonly base: string; readonly commit: string },
): Promise<string> {
  const branch = await asking.tryTo('read', [403, 404], branchSchema, async () => {
    return (await api.repos.repoGetBranch(owner, repo, encodePath(pull.base))).data;
  });
  if (branch instanceof Refusal) return '';
  const missing: string[] = [];
  const required = branch.required_approvals ?? 0;
  if (required > 0) {
    const reviews = await allPages(maxPages, async (page) => {
      const items = await asking.ask('read', reviewsSchema, async () => {
        return (await api.repos.repoListPullReviews(owner, repo, pull.number, { page, limit: perPage })).data;
      });
      return { items, isLast: false };
    });
    const approvals = approvalsOf(reviews);
    if (approvals < required) missing.push(`it has ${approvals} of ${required} approvals`);
  }
  // A pattern is left to Gitea, which refuses the merge if it is not met.
  const contexts = (branch.enable_status_check ? (branch.status_check_contexts ?? []) : []).filter(isPlain);
  if (contexts.length > 0) {
    const checks = await readChecks(api, asking, { owner, repo }, pull.commit);
    const passed = new Set(checks.filter(({ state }) => state === 'passed').map(({ name }) => name));
    const open = contexts.filter((each) => !passed.has(each));
    if (open.length > 0) missing.push(`required checks have not passed: ${open.slice(0, 10).join(', ')}`);
  }
  return missing.join('; ');
}

/** The last opinion of each reviewer whose opinion counts. */
function approvalsOf(reviews: z.infer<typeof reviewsSchema>): number {
  const last = new Map<string, string>();
  for (const { state, official, dismissed, user } of reviews) {
    if (!official || !user || (state !== 'APPROVED' && state !== 'REQUEST_CHANGES')) continue;
    last.set(user.login, dismissed ? 'DISMISSED' : state);
  }
  return [...last.values()].filter((state) => state === 'APPROVED').length;
}

/** The combined status of a commit. Gitea Actions report there, too. */
export async function readChecks(
  api: Api<unknown>,
  asking: Asking,
  { owner, repo }: RepositoryAt,
  commit: string,
): Promise<Check[]> {
  const statuses = await allPages(maxPages, async (page) => {
    const { statuses: items } = await asking.ask('checks', statusSchema, async () => {
      return (await api.repos.repoGetCombinedStatusByRef(owner, repo, commit, { page, limit: perPage })).data;
    });
    return { items: items ?? [], isLast: false };
  });
  return statuses.map(({ context, status }) => ({ name: context, state: stateOf(status) }));
}

function stateOf(status: string): Check['state'] {
  if (status === 'pending') return 'pending';
  return ['success', 'warning', 'skipped'].includes(status) ? 'passed' : 'failed';
}

const isPlain = (context: string) => !/[*?{}[\]!\\]/.test(context);

/** gitea-js puts names into paths as they are. */
export const encodePath = (name: string) => name.split('/').map(encodeURIComponent).join('/');
