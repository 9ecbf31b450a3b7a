import { z } from 'zod';
import type { Surroundings } from '../core/dialect.js';
import type { Project, Pull } from '../core/model.js';
import { type Answer, bodyOf, type Call, type Route } from '../http/call.js';
import { page } from '../http/page.js';
import { routesOf } from './at.js';
import { Shapes } from './shapes.js';
import { paging, refuse } from './words.js';

/** https://docs.github.com/en/rest/pulls/pulls */
export function pullRoutes(at: Surroundings): Route[] {
  const { inRepository, inPull } = routesOf(at);
  const shapes = new Shapes(at);
  const { host } = at;
  const show = async (project: Project, pull: Pull): Promise<Answer> => {
    const found = pull.state === 'open' ? await host.assessLate(project, pull) : undefined;
    const base = await host.tip(project, pull.base);
    const testMerge = found && (await host.testMerge(project, found));
    return { status: 200, body: shapes.wholePull(project, pull, base, found, testMerge) };
  };

  return [
    inRepository(['GET', '', 'read'], (project) => ({ status: 200, body: shapes.repository(project) })),
    inRepository(['GET', '/pulls', 'pulls'], (project, call) =>
      page(call, select(project, call), paging, (pull) => shapes.pull(project, pull)),
    ),
    inRepository(['POST', '/pulls', 'pulls'], async (project, call) => {
      const { pull } = await open(at, project, call);
      return { status: 201, body: shapes.wholePull(project, pull, await host.tip(project, pull.base)) };
    }),
    inPull(['GET', '/pulls/:number', 'pulls'], show),
    inPull(['PATCH', '/pulls/:number', 'pulls'], async (project, pull, call) => {
      bodyOf(call, closing);
      host.close(project, pull, call.user);
      return show(project, pull);
    }),
    inPull(['POST', '/pulls/:number/requested_reviewers', 'pulls'], (project, pull, call) => {
      requestReviewers(at, project, pull, call);
      return { status: 201, body: shapes.pull(project, pull) };
    }),
  ];
}

function select(project: Project, { search }: Call): Pull[] {
  const [owner = ''] = project.name.split('/');
  const state = search.get('state') ?? 'open';
  const [head, base] = [search.get('head'), search.get('base')];
  // GitHub ignores a head that does not name its owner.
  const wanted = head?.includes(':') ? head : undefined;
  const found = project.pulls.filter(
    (pull) =>
      (state === 'all' || (state === 'open') === (pull.state === 'open')) &&
      (wanted === undefined || `${owner}:${pull.head}` === wanted) &&
      (base === null || pull.base === base),
  );
  const key = search.get('sort') === 'updated' ? 'updatedAt' : 'createdAt';
  found.sort((a, b) => a[key].localeCompare(b[key]) || a.number - b.number);
  const usual = (search.get('sort') ?? 'created') === 'created' ? 'desc' : 'asc';
  const isAscending = (search.get('direction') ?? usual) === 'asc';
  return isAscending ? found : found.reverse();
}

const newPull = z.looseObject({
  title: z.string().max(256),
  head: z.string(),
  base: z.string(),
  body: z.string().max(65_536).nullish(),
  draft: z.boolean().optional(),
});

async function open({ host }: Surroundings, project: Project, call: Call) {
  const { title, head, base, body, draft = false } = bodyOf(call, newPull);
  const [owner = ''] = project.name.split('/');
  const branch = head.startsWith(`${owner}:`) ? head.slice(owner.length + 1) : head;
  const opened = await host.open(project, {
    ...{ head: branch, base, title, body: body ?? '', isDraft: draft, author: call.user },
  });
  const invalid = (field: string) =>
    refuse(422, 'Validation Failed', [{ resource: 'PullRequest', field, code: 'invalid' }]);
  const custom = (message: string) =>
    refuse(422, 'Validation Failed', [{ resource: 'PullRequest', code: 'custom', message }]);
  switch (opened.is) {
    case 'opened':
      return opened;
    case 'noHead':
      return invalid('head');
    case 'noBase':
      return invalid('base');
    case 'noCommits':
      return custom(`No commits between ${base} and ${branch}`);
    case 'exists':
      return custom(`A pull request already exists for ${owner}:${branch}.`);
    default:
      return opened satisfies never;
  }
}

const closing = z.strictObject({ state: z.literal('closed') });

const reviewers = z.looseObject({
  reviewers: z.array(z.string()).max(100).default([]),
  team_reviewers: z.array(z.string()).max(100).default([]),
});

/** All or nothing, as on GitHub. */
function requestReviewers({ people, teams }: Surroundings, project: Project, pull: Pull, call: Call): void {
  const wish = bodyOf(call, reviewers);
  if (wish.reviewers.includes(pull.author)) refuse(422, 'Review cannot be requested from pull request author.');
  const areKnown =
    wish.reviewers.every((login) => people.includes(login)) &&
    wish.team_reviewers.every((slug) => teams.includes(slug));
  if (!areKnown) {
    refuse(
      422,
      `Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the ${project.name} repository.`,
    );
  }
  pull.reviewers = [...new Set([...pull.reviewers, ...wish.reviewers])];
  pull.teams = [...new Set([...pull.teams, ...wish.team_reviewers])];
}
