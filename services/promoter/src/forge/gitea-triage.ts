import type { Api } from 'gitea-js';
import { z } from 'zod';
import type { Asking, Need } from './asking.js';
import { perPage, type RepositoryAt } from './gitea-rules.js';
import { allPages } from './pages.js';
import { Refusal } from './refusal.js';

const anything = z.unknown();
const labelsSchema = z.array(z.looseObject({ id: z.int(), name: z.string().max(1_000) })).max(1_000);
const need: Need = 'propose';

/** Adds labels of the repository and of its organisation, which Gitea knows by their ids. Returns what did not work. */
export async function addLabels(
  api: Api<unknown>,
  asking: Asking,
  { owner, repo }: RepositoryAt,
  number: number,
  names: readonly string[],
): Promise<string[]> {
  if (names.length === 0) return [];
  const read = (call: (page: number) => Promise<{ data: unknown }>) =>
    allPages(20, async (page) => {
      // The owner may be a user, who has no labels.
      const items = await asking.tryTo(need, [403, 404], labelsSchema, async () => (await call(page)).data);
      return { items: items instanceof Refusal ? [] : items, isLast: false };
    });
  const known = [
    ...(await read((page) => api.repos.issueListLabels(owner, repo, { page, limit: perPage }))),
    ...(await read((page) => api.orgs.orgListLabels(owner, { page, limit: perPage }))),
  ];
  const ids = names.flatMap((name) => known.find((each) => each.name === name)?.id ?? []);
  const absent = names.filter((name) => !known.some((each) => each.name === name));
  const notes = absent.map((name) => `Gitea has no label ${name} in this repository`);
  if (ids.length === 0) return notes;
  const done = await asking.tryTo(need, [403, 404, 422], anything, () =>
    api.repos.issueAddLabel(owner, repo, number, { labels: ids }),
  );
  return done instanceof Refusal ? [...notes, `Gitea refused the labels ${names.join(', ')}: ${done.said}`] : notes;
}

/** One request for each, because Gitea refuses all if it refuses one. Returns what did not work. */
export async function requestReviews(
  api: Api<unknown>,
  asking: Asking,
  { owner, repo }: RepositoryAt,
  number: number,
  reviewers: readonly string[],
): Promise<string[]> {
  const notes: string[] = [];
  for (const reviewer of reviewers) {
    const team = reviewer.split('/')[1];
    const asked = team === undefined ? { reviewers: [reviewer] } : { team_reviewers: [team] };
    const done = await asking.tryTo(need, [403, 404, 422], anything, () =>
      api.repos.repoCreatePullReviewRequests(owner, repo, number, asked),
    );
    if (done instanceof Refusal) notes.push(`Gitea refused the reviewer ${reviewer}: ${done.said}`);
  }
  return notes;
}
