import { z } from 'zod';
import { latestReports } from '../core/assess.js';
import type { Surroundings } from '../core/dialect.js';
import type { Project, Report } from '../core/model.js';
import { bodyOf, type Call, type Route } from '../http/call.js';
import { page } from '../http/page.js';
import { routesOf } from './at.js';
import { Shapes } from './shapes.js';
import { paging, refuseMissing } from './words.js';

const wish = z.looseObject({
  state: z.enum(['pending', 'success', 'failure']),
  context: z.string().default('default'),
  description: z.string().default(''),
  target_url: z.string().default(''),
});

/** https://docs.gitea.com/api/ : commit statuses. */
export function statusRoutes(at: Surroundings): Route[] {
  const { inRepository } = routesOf(at);
  const shapes = new Shapes(at);
  const { host } = at;

  async function commitOf(project: Project, { params }: Call): Promise<string> {
    return (await host.resolve(project, params['ref'] ?? '')) ?? refuseMissing();
  }

  return [
    inRepository(['GET', '/commits/:ref/status', 'read'], async (project, call) => {
      const sha = await commitOf(project, call);
      const statuses = latestReports(project.reports, sha);
      const shown = page(call, statuses, paging, (status) => shapes.status(status));
      const state = combined(statuses);
      // Without any status, the list is null and the state empty.
      const list = statuses.length > 0 ? shown.body : null;
      const body = { state, sha, total_count: statuses.length, statuses: list, repository: shapes.repository(project) };
      return { ...shown, body };
    }),
    inRepository(['POST', '/statuses/:ref', 'statuses'], async (project, call) => {
      const { state, context: name, description, target_url: url } = bodyOf(call, wish);
      const commit = await commitOf(project, call);
      const report = host.report(project, { kind: 'status', commit, name, state, by: call.user, description, url });
      return { status: 201, body: shapes.status(report) };
    }),
  ];
}

function combined(statuses: readonly Report[]): string {
  if (statuses.some(({ state }) => state === 'failure')) return 'failure';
  if (statuses.some(({ state }) => state !== 'success')) return 'pending';
  return statuses.length > 0 ? 'success' : '';
}
