import { z } from 'zod';
import { latestReports } from '../core/assess.js';
import type { Surroundings } from '../core/dialect.js';
import type { Project, Report } from '../core/model.js';
import { bodyOf, type Call, type Route } from '../http/call.js';
import { page } from '../http/page.js';
import { routesOf } from './at.js';
import { Shapes } from './shapes.js';
import { paging, refuse } from './words.js';

const newStatus = z.looseObject({
  state: z.enum(['failure', 'pending', 'success']),
  context: z.string().default('default'),
  description: z.string().nullish(),
  target_url: z.string().nullish(),
});

/** https://docs.github.com/en/rest/commits/statuses and https://docs.github.com/en/rest/checks/runs */
export function reportRoutes(at: Surroundings): Route[] {
  const { inRepository } = routesOf(at);
  const shapes = new Shapes(at);
  const { host } = at;

  /** A commit or a branch. */
  async function commitOf(project: Project, { params }: Call): Promise<string> {
    const ref = params['ref'] ?? '';
    return (await host.resolve(project, ref)) ?? refuse(422, `No commit found for SHA: ${ref}`);
  }

  return [
    inRepository(['GET', '/commits/:ref/check-runs', 'checks'], async (project, call) => {
      const runs = latest(project, await commitOf(project, call), 'check');
      const shown = page(call, runs, paging, (run) => shapes.checkRun(run));
      return { ...shown, body: { total_count: runs.length, check_runs: shown.body } };
    }),
    inRepository(['GET', '/commits/:ref/status', 'statuses'], async (project, call) => {
      const sha = await commitOf(project, call);
      const statuses = latest(project, sha, 'status');
      const shown = page(call, statuses, paging, (status) => shapes.status(status));
      const repository = shapes.repository(project);
      const body = { sha, state: combined(statuses), total_count: statuses.length, statuses: shown.body, repository };
      return { ...shown, body };
    }),
    inRepository(['POST', '/statuses/:ref', 'statuses'], async (project, call) => {
      const { state, context: name, description, target_url: url } = bodyOf(call, newStatus);
      const { ref: commit = '' } = call.params;
      if (!(await host.hasCommit(project, commit))) refuse(422, `No commit found for SHA: ${commit}`);
      if ((description?.length ?? 0) > 140) {
        const message = 'description is too long (maximum is 140 characters)';
        refuse(422, 'Validation Failed', [{ resource: 'Status', code: 'custom', field: 'description', message }]);
      }
      const report = host.report(project, {
        ...{ kind: 'status', commit, name, state, by: call.user },
        ...{ description: description ?? '', url: url ?? '' },
      });
      return { status: 201, body: shapes.status(report) };
    }),
  ];
}

function latest({ reports }: Project, commit: string, kind: Report['kind']): Report[] {
  return latestReports(reports, commit).filter((report) => report.kind === kind);
}

/** GitHub calls a commit without any status pending. */
function combined(statuses: readonly Report[]): 'success' | 'failure' | 'pending' {
  if (statuses.some(({ state }) => state === 'failure')) return 'failure';
  return statuses.length > 0 && statuses.every(({ state }) => state === 'success') ? 'success' : 'pending';
}
