import { z } from 'zod';
import type { Surroundings } from '../core/dialect.js';
import type { Pull, Rules } from '../core/model.js';
import { bodyOf, type Route } from '../http/call.js';
import { page } from '../http/page.js';
import { routesOf } from './at.js';
import { Shapes } from './shapes.js';
import { paging, refuseMissing } from './words.js';

const newLabel = z.looseObject({ name: z.string().min(1), color: z.string() });
const labels = z.looseObject({ labels: z.array(z.union([z.number(), z.string()])) });
const comment = z.looseObject({ body: z.string().min(1) });

/** Pull requests are issues too: labels with ids, comments, the timeline that says who closed. And branches. */
export function issueRoutes(at: Surroundings): Route[] {
  const { inRepository, inPull } = routesOf(at);
  const shapes = new Shapes(at);
  const { host } = at;
  return [
    inRepository(['GET', '/labels', 'issues'], ({ labels }, call) => page(call, labels, paging, (label) => label)),
    inRepository(['POST', '/labels', 'issues'], (project, call) => {
      const { name, color } = bodyOf(call, newLabel);
      const label = { id: host.nextId(), name, color: color.replace(/^#/, '') };
      project.labels.push(label);
      return { status: 201, body: label };
    }),
    // What is no label of the repository is ignored.
    inPull(['POST', '/issues/:index/labels', 'issues'], (project, pull, call) => {
      const wanted = bodyOf(call, labels).labels;
      const found = project.labels.filter(({ id, name }) => wanted.includes(id) || wanted.includes(name));
      pull.labels = [...new Set([...pull.labels, ...found.map(({ name }) => name)])];
      return { status: 200, body: project.labels.filter(({ name }) => pull.labels.includes(name)) };
    }),
    inPull(['POST', '/issues/:index/comments', 'issues'], (_, pull, call) => ({
      ...{ status: 201, body: shapes.comment(host.comment(pull, call.user, bodyOf(call, comment).body)) },
    })),
    inPull(['GET', '/issues/:index/timeline', 'issues'], (_, pull, call) =>
      page(call, timeline(pull, shapes), paging, (entry) => entry),
    ),
    inRepository(['GET', '/branches/*branch', 'read'], async (project, { params }) => {
      const name = params['branch'] ?? '';
      const id = await host.tip(project, name);
      return id ? { status: 200, body: { name, commit: { id }, ...protectionOf(project.rules) } } : refuseMissing();
    }),
  ];
}

/** What those who are not administrators see of the rules. */
function protectionOf({ requiredReviews, requiredChecks, protectedBranches }: Rules) {
  return {
    protected: requiredReviews > 0 || requiredChecks.length > 0 || protectedBranches.length > 0,
    required_approvals: requiredReviews,
    enable_status_check: requiredChecks.length > 0,
    status_check_contexts: requiredChecks,
  };
}

function timeline({ comments, closed, merged }: Pull, shapes: Shapes) {
  const said = comments.map((made) => ({ ...shapes.comment(made), type: 'comment' }));
  const end = merged ? { ...merged, type: 'merge_pull' } : closed && { ...closed, type: 'close' };
  return [
    ...said,
    ...(end
      ? [{ id: 0, type: end.type, body: '', user: shapes.user(end.by), created_at: end.at, updated_at: end.at }]
      : []),
  ];
}
