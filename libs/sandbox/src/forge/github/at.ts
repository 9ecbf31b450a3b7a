import type { Surroundings } from '../core/dialect.js';
import type { Project, Pull } from '../core/model.js';
import type { Ability, Answer, Call, Route } from '../http/call.js';
import { refuse } from './words.js';

type Method = Route['method'];

/** Makes the routes below a repository and below a pull request of it. */
export function routesOf({ host }: Surroundings) {
  function inRepository(
    [method, path, needs]: [Method, string, Ability],
    run: (project: Project, call: Call) => Answer | Promise<Answer>,
  ): Route {
    return {
      ...{ method, needs, path: `/repos/:owner/:repo${path}` },
      async run(call) {
        const project = host.projects.get(`${call.params['owner']}/${call.params['repo']}`);
        if (!project) return refuse(404, 'Not Found');
        return host.inTurn(project, async () => run(project, call));
      },
    };
  }

  function inPull(
    [method, path, needs]: [Method, string, Ability],
    run: (project: Project, pull: Pull, call: Call) => Answer | Promise<Answer>,
  ): Route {
    return inRepository([method, path, needs], (project, call) => {
      const pull = project.pulls.find(({ number }) => number === Number(call.params['number']));
      return pull ? run(project, pull, call) : refuse(404, 'Not Found');
    });
  }

  return { inRepository, inPull };
}
