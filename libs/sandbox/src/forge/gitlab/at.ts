import type { Surroundings } from '../core/dialect.js';
import { routesAt } from '../http/routes-at.js';
import { refuse } from './words.js';

/** Makes the routes below a project and below a merge request of it. */
export function routesOf(surroundings: Surroundings) {
  const { projects } = surroundings.host;
  const { inRepository, inPull } = routesAt(surroundings, {
    prefix: '/projects/:project',
    project({ params: { project: wanted = '' } }) {
      return projects.get(wanted) ?? [...projects.values()].find(({ id }) => `${id}` === wanted);
    },
    number: 'iid',
    noProject: () => refuse(404, '404 Project Not Found'),
    noPull: () => refuse(404, '404 Not found'),
  });
  const inMergeRequest: typeof inPull = ([method, path, needs], run) =>
    inPull([method, `/merge_requests/:iid${path}`, needs], run);
  return { inProject: inRepository, inMergeRequest };
}
