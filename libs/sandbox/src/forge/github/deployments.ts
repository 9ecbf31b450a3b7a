import { z } from 'zod';
import { latestReports } from '../core/assess.js';
import type { Surroundings } from '../core/dialect.js';
import type { Project } from '../core/model.js';
import { bodyOf, type Call, type Route } from '../http/call.js';
import { page } from '../http/page.js';
import { routesOf } from './at.js';
import { Shapes } from './shapes.js';
import { paging, refuse } from './words.js';

const newDeployment = z.looseObject({
  ref: z.string(),
  environment: z.string().default('production'),
  description: z.string().nullish(),
  required_contexts: z.array(z.string()).nullish(),
});

const newStatus = z.looseObject({
  state: z.enum(['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success']),
  description: z.string().max(140).nullish(),
  log_url: z.string().nullish(),
  target_url: z.string().nullish(),
  auto_inactive: z.boolean().default(true),
});

/** https://docs.github.com/en/rest/deployments */
export function deploymentRoutes(at: Surroundings): Route[] {
  const { inRepository } = routesOf(at);
  const shapes = new Shapes(at);
  const { host } = at;
  return [
    inRepository(['GET', '/deployments', 'deployments'], (project, call) =>
      page(call, select(project, call), paging, (deployment) => shapes.deployment(deployment)),
    ),
    inRepository(['POST', '/deployments', 'deployments'], async (project, call) => {
      const wish = bodyOf(call, newDeployment);
      const commit = await host.resolve(project, wish.ref);
      if (!commit) return refuse(422, `No ref found for: ${wish.ref}`);
      refuseUnchecked(project, commit, wish);
      const { environment, description } = wish;
      const made = host.deploy(project, { commit, environment, description: description ?? '', by: call.user });
      return { status: 201, body: shapes.deployment(made) };
    }),
    inRepository(['POST', '/deployments/:id/statuses', 'deployments'], (project, call) => {
      const { state, description, log_url, target_url, auto_inactive: endsOthers } = bodyOf(call, newStatus);
      const deployment = find(project, call);
      const add = (to: typeof deployment, state: string) => {
        const url = log_url ?? target_url ?? '';
        const made = { id: host.nextId(), state, description: description ?? '', url, at: host.time };
        to.statuses.push(made);
        return made;
      };
      const { id, at, url, ...made } = add(deployment, state);
      const earlier = project.deployments.slice(0, project.deployments.indexOf(deployment));
      const replaced = earlier.filter(
        ({ environment, statuses }) => environment === deployment.environment && statuses.at(-1)?.state === 'success',
      );
      if (state === 'success' && endsOthers) for (const each of replaced) add(each, 'inactive');
      return { status: 201, body: { id, ...made, log_url: url, target_url: url, created_at: at } };
    }),
  ];
}

function select(project: Project, { search }: Call) {
  const [sha, ref, environment] = [search.get('sha'), search.get('ref'), search.get('environment')];
  return project.deployments
    .filter(
      (made) =>
        (sha === null || made.commit === sha) &&
        (ref === null || made.commit === ref) &&
        (environment === null || made.environment === environment),
    )
    .toReversed();
}

function find(project: Project, { params }: Call) {
  return project.deployments.find(({ id }) => id === Number(params['id'])) ?? refuse(404, 'Not Found');
}

/** Without `required_contexts: []`, GitHub deploys no commit that has a status which is not a success. */
function refuseUnchecked(project: Project, commit: string, wish: z.infer<typeof newDeployment>): void {
  const contexts = latestReports(project.reports, commit)
    .filter(({ name }) => wish.required_contexts?.includes(name) ?? true)
    .map(({ name: context, state }) => ({ context, state }));
  if (contexts.every(({ state }) => state === 'success')) return;
  refuse(409, `Conflict: Commit status checks failed for ${wish.ref}.`, [
    { contexts, resource: 'Deployment', field: 'required_contexts', code: 'invalid' },
  ]);
}
