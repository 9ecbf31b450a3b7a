import { z } from 'zod';
import type { Surroundings } from '../core/dialect.js';
import { bodyOf, type Route } from '../http/call.js';
import { routesOf } from './at.js';
import { Shapes } from './shapes.js';

const labels = z.looseObject({ labels: z.array(z.string().min(1).max(50)).min(1).max(100) });
const comment = z.looseObject({ body: z.string().min(1).max(65_536) });

/** Pull requests are issues too: comments, labels, who closed. */
export function issueRoutes(at: Surroundings): Route[] {
  const { inPull } = routesOf(at);
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
    inPull(['POST', '/issues/:number/comments', 'issues'], (_, pull, call) => ({
      ...{ status: 201, body: shapes.comment(host.comment(pull, call.user, bodyOf(call, comment).body)) },
    })),
  ];
}
