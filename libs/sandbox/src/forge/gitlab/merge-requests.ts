import { z } from 'zod';
import type { Surroundings } from '../core/dialect.js';
import type { Project, Pull } from '../core/model.js';
import { type Answer, bodyOf, type Call, type Route } from '../http/call.js';
import { page } from '../http/page.js';
import { routesOf } from './at.js';
import { Shapes } from './shapes.js';
import { paging, refuse } from './words.js';

/** https://docs.gitlab.com/api/merge_requests/ */
export function mergeRequestRoutes(at: Surroundings): Route[] {
  const { inProject, inMergeRequest } = routesOf(at);
  const shapes = new Shapes(at);
  const { host } = at;
  const show = async (project: Project, pull: Pull): Promise<Answer> => {
    const found = pull.state === 'open' ? await host.assessLate(project, pull) : undefined;
    return { status: 200, body: shapes.mergeRequest(project, pull, found) };
  };
  return [
    inProject(['GET', '', 'read'], (project) => ({ status: 200, body: shapes.project(project) })),
    inProject(['GET', '/merge_requests', 'read'], (project, call) =>
      page(call, select(project, call), paging, (pull) => shapes.mergeRequest(project, pull, undefined)),
    ),
    inProject(['POST', '/merge_requests', 'pulls'], async (project, call) => {
      const { pull } = await open(at, project, call);
      return { status: 201, body: shapes.mergeRequest(project, pull, undefined) };
    }),
    inMergeRequest(['GET', '', 'read'], show),
    inMergeRequest(['PUT', '', 'pulls'], async (project, pull, call) => {
      bodyOf(call, closing);
      host.close(project, pull, call.user);
      return show(project, pull);
    }),
    inMergeRequest(['POST', '/notes', 'issues'], (_, pull, call) => ({
      ...{ status: 201, body: shapes.note(host.comment(pull, call.user, bodyOf(call, note).body)) },
    })),
  ];
}

const note = z.looseObject({ body: z.string().min(1).max(1_000_000) });

function select(project: Project, { search }: Call): Pull[] {
  const state = search.get('state') ?? 'all';
  const [head, base] = [search.get('source_branch'), search.get('target_branch')];
  const found = project.pulls.filter(
    (pull) =>
      (state === 'all' || state === (pull.state === 'open' ? 'opened' : pull.state)) &&
      (head === null || pull.head === head) &&
      (base === null || pull.base === base),
  );
  const key = search.get('order_by') === 'updated_at' ? 'updatedAt' : 'createdAt';
  found.sort((a, b) => a[key].localeCompare(b[key]) || a.number - b.number);
  return search.get('sort') === 'asc' ? found : found.reverse();
}

/** A list, or text with commas. */
const names = z.union([
  z.array(z.string()),
  z.string().transform((text) =>
    text
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
  ),
]);

const wish = z.looseObject({
  source_branch: z.string(),
  target_branch: z.string(),
  title: z.string().max(255),
  description: z.string().nullish(),
  labels: names.optional(),
  reviewer_ids: z.array(z.coerce.number()).optional(),
});

async function open(at: Surroundings, project: Project, call: Call) {
  const { source_branch: head, target_branch: base, title, description, ...more } = bodyOf(call, wish);
  const opened = await at.host.open(project, {
    ...{ head, base, title, body: description ?? '', isDraft: isDraft(title), author: call.user },
  });
  switch (opened.is) {
    case 'opened':
      opened.pull.labels = [...(more.labels ?? [])];
      opened.pull.reviewers = usersOf(at, more.reviewer_ids ?? []);
      return opened;
    case 'exists':
      return refuse(409, [`Another open merge request already exists for this source branch: !${opened.pull.number}`]);
    case 'noHead':
      return refuse(400, { source_branch: ['does not exist'] });
    case 'noBase':
      return refuse(400, { target_branch: ['does not exist'] });
    // The real one opens an empty merge request; K8sTA never wants one.
    case 'noCommits':
      return refuse(400, { base: ['there is nothing to merge'] });
    default:
      return opened satisfies never;
  }
}

function isDraft(title: string): boolean {
  return /^(?:\[draft\]|\(draft\)|draft:)/i.test(title);
}

/** GitLab ignores ids that are nobody's. */
function usersOf({ people, userId }: Surroundings, ids: readonly number[]): string[] {
  return people.filter((name) => ids.includes(userId(name)));
}

const closing = z.strictObject({ state_event: z.literal('close') });
