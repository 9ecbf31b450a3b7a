import { z } from 'zod';
import type { Surroundings } from '../core/dialect.js';
import type { Project, Pull } from '../core/model.js';
import { type Answer, bodyOf, type Call, type Route } from '../http/call.js';
import { page } from '../http/page.js';
import { routesOf } from './at.js';
import { Shapes } from './shapes.js';
import { paging, refuse, refuseMissing } from './words.js';

/** https://docs.gitea.com/api/ : pull requests. */
export function pullRoutes(at: Surroundings): Route[] {
  const { inRepository, inPull, see } = routesOf(at);
  const shapes = new Shapes(at);
  const { host } = at;
  const show = async (project: Project, pull: Pull, status = 200): Promise<Answer> => ({
    ...{ status, body: shapes.pull(project, pull, await see(project, pull)) },
  });
  return [
    inRepository(['GET', '', 'read'], (project) => ({ status: 200, body: shapes.repository(project) })),
    inRepository(['GET', '/pulls', 'read'], async (project, call) => {
      const all = await Promise.all(
        select(project, call).map(async (pull) => shapes.pull(project, pull, await see(project, pull))),
      );
      return page(call, all, paging, (pull) => pull);
    }),
    inRepository(['POST', '/pulls', 'pulls'], async (project, call) => {
      const { pull } = await open(at, project, call);
      return show(project, pull, 201);
    }),
    inPull(['GET', '/pulls/:index', 'read'], (project, pull) => show(project, pull)),
    inPull(['PATCH', '/pulls/:index', 'pulls'], async (project, pull, call) => {
      bodyOf(call, closing);
      if (pull.state === 'merged') refuse(412, 'cannot change state of this pull request, it was already merged');
      host.close(project, pull, call.user);
      return show(project, pull, 201);
    }),
    inPull(['GET', '/pulls/:index/reviews', 'read'], (_, pull, call) =>
      page(call, pull.approvals, paging, (review) => shapes.review(review)),
    ),
    // The oldest, whatever its state. This path fits others too, so the route is after theirs.
    inRepository(['GET', '/pulls/:base/*head', 'read'], (project, { params }) => {
      const found = project.pulls.find(({ base, head }) => base === params['base'] && head === params['head']);
      return found ? show(project, found) : refuseMissing();
    }),
    inPull(['POST', '/pulls/:index/requested_reviewers', 'pulls'], (_, pull, call) => {
      requestReviewers(at, pull, bodyOf(call, reviewers).reviewers);
      const made = pull.reviewers.map((login) => ({ user: shapes.user(login), state: 'REQUEST_REVIEW' }));
      return { status: 201, body: made };
    }),
  ];
}

function select(project: Project, { search }: Call): Pull[] {
  const state = search.get('state') ?? 'open';
  const found = project.pulls.filter((pull) => state === 'all' || (state === 'open') === (pull.state === 'open'));
  const sort = search.get('sort');
  if (sort === 'oldest') return found;
  if (sort === 'recentupdate') found.sort((a, b) => a.updatedAt.localeCompare(b.updatedAt) || a.number - b.number);
  return found.reverse();
}

const wish = z.looseObject({
  head: z.string(),
  base: z.string(),
  title: z.string().min(1).max(255),
  body: z.string().optional(),
  labels: z.array(z.number()).nullish(),
  reviewers: z.array(z.string()).nullish(),
});

async function open({ host, ...at }: Surroundings, project: Project, call: Call) {
  const { head, base, title, body = '', labels, reviewers } = bodyOf(call, wish);
  const opened = await host.open(project, { head, base, title, body, isDraft: isDraft(title), author: call.user });
  switch (opened.is) {
    case 'opened':
      opened.pull.labels = project.labels.filter(({ id }) => labels?.includes(id)).map(({ name }) => name);
      requestReviewers({ host, ...at }, opened.pull, reviewers ?? []);
      return opened;
    case 'exists': {
      const { id } = opened.pull;
      const places = `head_repo_id: ${project.id}, base_repo_id: ${project.id}, head_branch: ${head}, base_branch: ${base}`;
      return refuse(409, `pull request already exists for these targets [id: ${id}, issue_id: ${id}, ${places}]`);
    }
    case 'noHead':
    case 'noBase':
      return refuseMissing();
    // The real one opens an empty pull request; K8sTA never wants one.
    case 'noCommits':
      return refuse(422, 'there is nothing to merge');
    default:
      return opened satisfies never;
  }
}

function isDraft(title: string): boolean {
  return /^(?:wip:|\[wip\])/i.test(title);
}

const closing = z.strictObject({ state: z.literal('closed') });

const reviewers = z.looseObject({ reviewers: z.array(z.string()).default([]) });

function requestReviewers({ people }: Surroundings, pull: Pull, wanted: readonly string[]): void {
  const unknown = wanted.find((login) => !people.includes(login));
  if (unknown !== undefined) refuse(404, `user does not exist [uid: 0, name: ${unknown}]`);
  if (wanted.includes(pull.author)) refuse(422, 'poster of pr cannot be reviewer');
  pull.reviewers = [...new Set([...pull.reviewers, ...wanted])];
}
