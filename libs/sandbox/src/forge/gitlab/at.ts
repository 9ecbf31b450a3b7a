import type { Surroundings } from '../core/dialect.js';
import type { Project, Pull } from '../core/model.js';
import type { Ability, Answer, Call, Route } from '../http/call.js';
import { refuse } from './words.js';

type Method = Route['method'];

/** Makes the routes below a project and below a merge request of it. */
export function routesOf({ host }: Surroundings) {
  function inProject(
    [method, path, needs]: [Method, string, Ability],
    run: (project: Project, call: Call) => Answer | Promise<Answer>,
  ): Route {
    return {
      ...{ method, needs, path: `/projects/:project${path}` },
      async run(call) {
        const wanted = call.params['project'] ?? '';
        const project = host.projects.get(wanted) ?? [...host.projects.values()].find(({ id }) => `${id}` === wanted);
        if (!project) return refuse(404, '404 Project Not Found');
        return host.inTurn(project, async () => run(project, call));
      },
    };
  }

  function inMergeRequest(
    [method, path, needs]: [Method, string, Ability],
    run: (project: Project, pull: Pull, call: Call) => Answer | Promise<Answer>,
  ): Route {
    return inProject([method, `/merge_requests/:iid${path}`, needs], (project, call) => {
      const pull = project.pulls.find(({ number }) => number === Number(call.params['iid']));
      return pull ? run(project, pull, call) : refuse(404, '404 Not found');
    });
  }

  return { inProject, inMergeRequest };
}
