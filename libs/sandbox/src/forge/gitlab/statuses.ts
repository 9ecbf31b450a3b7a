import { z } from 'zod';
import { latestReports } from '../core/assess.js';
import type { Surroundings } from '../core/dialect.js';
import type { Project, Report } from '../core/model.js';
import { bodyOf, type Call, type Route } from '../http/call.js';
import { page } from '../http/page.js';
import { routesOf } from './at.js';
import { Shapes } from './shapes.js';
import { paging, refuse } from './words.js';

/** https://docs.gitlab.com/api/commits/#commit-status, and users */
export function statusRoutes(at: Surroundings): Route[] {
  const { inProject } = routesOf(at);
  const shapes = new Shapes(at);
  return [
    inProject(['GET', '/repository/commits/:sha/statuses', 'read'], async (project, call) => {
      const sha = await commitOf(at, project, call);
      return page(call, latestReports(project.reports, sha), paging, (report) => shapes.status(project, report));
    }),
    inProject(['POST', '/statuses/:sha', 'statuses'], async (project, call) => {
      await commitOf(at, project, call);
      return { status: 201, body: shapes.status(project, setStatus(at, project, call)) };
    }),
    {
      ...{ method: 'GET', path: '/users', needs: 'read' },
      run(call) {
        const wanted = call.search.get('username')?.toLowerCase();
        const found = at.people.filter((name) => wanted === undefined || name.toLowerCase() === wanted);
        return page(call, found, paging, (name) => shapes.user(name));
      },
    },
    {
      ...{ method: 'GET', path: '/user', needs: 'read' },
      run: ({ user }) => ({ status: 200, body: shapes.user(user) }),
    },
  ];
}

async function commitOf({ host }: Surroundings, project: Project, { params }: Call): Promise<string> {
  const sha = params['sha'] ?? '';
  return (await host.hasCommit(project, sha)) ? sha : refuse(404, '404 Commit Not Found');
}

const wish = z.looseObject({
  state: z.enum(['pending', 'running', 'success', 'failed']),
  name: z.string().optional(),
  description: z.string().max(255).nullish(),
  target_url: z.string().max(255).nullish(),
});

/** A status that is pending or running moves on; GitLab refuses to set it to what it is already. A new one follows a finished one. */
function setStatus({ host }: Surroundings, project: Project, call: Call): Report {
  const { state: given, name = 'default', description, target_url: url } = bodyOf(call, wish);
  const state = given === 'failed' ? 'failure' : given;
  const commit = call.params['sha'] ?? '';
  const before = latestReports(project.reports, commit).find((report) => report.name === name);
  const isOpen = before?.state === 'pending' || before?.state === 'running';
  if (isOpen && (state === before.state || state === 'pending')) {
    const event = state === 'pending' ? 'enqueue' : 'run';
    const why = `(Reason(s): Status cannot transition via "${event}")`;
    refuse(400, `Cannot transition status via :${event} from :${before.state} ${why}`);
  }
  const more = { description: description ?? before?.description ?? '', url: url ?? before?.url ?? '' };
  return host.report(project, { kind: 'status', commit, name, state, by: call.user, ...more });
}
