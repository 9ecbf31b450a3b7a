import type { Api } from 'gitea-js';
import { z } from 'zod';
import type { Asking } from './asking.js';
import { headOf, type Pull, pullSchema } from './gitea-proposal.js';
import { encodePath, perPage, type RepositoryAt } from './gitea-rules.js';
import { allPages } from './pages.js';
import { Refusal } from './refusal.js';

const anything = z.unknown();
const listSchema = z.array(pullSchema).max(1_000);
/** Closed ones are read from the one that changed last, so an old one is not worth more pages. */
const pages = { open: 40, closed: 4 };

interface Branches {
  readonly head: string;
  readonly base: string;
}

/** The open pull request between the two branches, else the newest. Gitea cannot list by branch. */
export async function findPull(
  api: Api<unknown>,
  asking: Asking,
  { owner, repo }: RepositoryAt,
  { head, base }: Branches,
): Promise<Pull | undefined> {
  const isWanted = (pull: Pull) =>
    headOf(pull) === head && pull.base.ref === base && (pull.head.repo_id ?? pull.base.repo_id) === pull.base.repo_id;
  let known: Pull | undefined;
  // The base is one segment of the path there.
  if (!base.includes('/')) {
    const first = await asking.tryTo('read', [404], pullSchema, async () => {
      return (await api.repos.repoGetPullRequestByBaseHead(owner, repo, encodePath(base), encodePath(head))).data;
    });
    if (first instanceof Refusal) {
      await asking.ask('read', anything, () => api.repos.repoGet(owner, repo));
      return undefined;
    }
    if (first.state === 'open') return first;
    // There may be newer ones.
    known = first;
  }
  for (const state of ['open', 'closed'] as const) {
    const listed = await allPages(pages[state], async (page) => {
      const items = await asking.ask('read', listSchema, async () => {
        const query = { state, sort: 'recentupdate', page, limit: perPage } as const;
        return (await api.repos.repoListPullRequests(owner, repo, query)).data;
      });
      return { items, isLast: items.some((each) => each.state === 'open' && isWanted(each)) };
    });
    const newest = listed.filter(isWanted).sort((a, b) => b.number - a.number)[0];
    if (newest) return newest;
  }
  return known;
}
