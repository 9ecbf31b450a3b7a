import type { Surroundings } from '../core/dialect.js';
import type { Project, Pull } from '../core/model.js';
import type { Ability, Answer, Call, Route } from './call.js';

type Way = [method: Route['method'], path: string, needs: Ability];

/** How a dialect addresses repositories and their pull requests, and what it answers where there is none. */
export interface Addressing {
  /** What comes before the path of each route, such as `/repos/:owner/:repo`. */
  readonly prefix: string;
  readonly project: (call: Call) => Project | undefined;
  /** The name of the number of a pull request in a path. */
  readonly number: string;
  readonly noProject: () => Answer;
  readonly noPull: () => Answer;
}

/** Makes the routes below a repository and below a pull request of it. */
export function routesAt({ host }: Surroundings, { prefix, project: find, number, noProject, noPull }: Addressing) {
  function inRepository(
    [method, path, needs]: Way,
    run: (project: Project, call: Call) => Answer | Promise<Answer>,
  ): Route {
    return {
      ...{ method, needs, path: `${prefix}${path}` },
      async run(call) {
        const project = find(call);
        return project ? host.inTurn(project, async () => run(project, call)) : noProject();
      },
    };
  }

  function inPull(way: Way, run: (project: Project, pull: Pull, call: Call) => Answer | Promise<Answer>): Route {
    return inRepository(way, (project, call) => {
      const pull = project.pulls.find((each) => each.number === Number(call.params[number]));
      return pull ? run(project, pull, call) : noPull();
    });
  }

  return { inRepository, inPull };
}

/** GitHub and Gitea name a repository by its owner and its name. */
export function ownedBy({ host }: Surroundings): Pick<Addressing, 'prefix' | 'project'> {
  return {
    prefix: '/repos/:owner/:repo',
    project: ({ params }) => host.projects.get(`${params['owner']}/${params['repo']}`),
  };
}
