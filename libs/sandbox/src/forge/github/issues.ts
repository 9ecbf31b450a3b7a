import { z } from 'zod';
import type { Surroundings } from '../core/dialect.js';
import { bodyOf, type Route } from '../http/call.js';
import { page } from '../http/page.js';
import { routesOf } from './at.js';
import { Shapes } from './shapes.js';
import { paging, refuse } from './words.js';

const labels = z.looseObject({ labels: z.array(z.string().min(1).max(50)).min(1).max(100) });
const comment = z.looseObject({ body: z.string().min(1).max(65_536) });

/** Pull requests are issues too: comments, labels, who closed. And branches. */
export function issueRoutes(at: Surroundings): Route[] {
  const { inRepository, inPull } = routesOf(at);
  const shapes = new Shapes(at);
  const { host } = at;
  return [
    inPull(['GET', '/issues/:number', 'issues'], (project, pull) => ({
      ...{ status: 200, body: shapes.issue(project, pull) },
    })),
    inPull(['POST', '/issues/:number/labels', 'issues'], (_, pull, call) => {
      pull.labels = [...new Set([...pull.labels, ...bodyOf(call, labels).labels])];
      return { status: 200, body: pull.labels.map((name) => ({ name })) };
    }),
    inPull(['GET', '/issues/:number/comments', 'issues'], (_, pull, call) =>
      page(call, pull.comments, paging, (made) => shapes.comment(made)),
    ),
    inPull(['POST', '/issues/:number/comments', 'issues'], (_, pull, call) => ({
      ...{ status: 201, body: shapes.comment(host.comment(pull, call.user, bodyOf(call, comment).body)) },
    })),
    inRepository(['GET', '/git/ref/heads/*branch', 'contents'], async (project, { params }) => {
      const branch = params['branch'] ?? '';
      const sha = await host.tip(project, branch);
      if (!sha) return refuse(404, 'Not Found');
      return { status: 200, body: { ref: `refs/heads/${branch}`, object: { type: 'commit', sha } } };
    }),
    inRepository(['DELETE', '/git/refs/heads/*branch', 'contents'], async (project, { params }) => {
      const branch = params['branch'] ?? '';
      if (!(await host.tip(project, branch))) return refuse(422, 'Reference does not exist');
      await host.deleteBranch(project, branch);
      return { status: 204 };
    }),
  ];
}
