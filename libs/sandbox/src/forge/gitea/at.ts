import type { Surroundings } from '../core/dialect.js';
import type { Project, Pull } from '../core/model.js';
import type { Ability, Answer, Call, Route } from '../http/call.js';
import type { Seen } from './shapes.js';
import { refuseMissing } from './words.js';

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
        return project ? host.inTurn(project, async () => run(project, call)) : refuseMissing();
      },
    };
  }

  function inPull(
    [method, path, needs]: [Method, string, Ability],
    run: (project: Project, pull: Pull, call: Call) => Answer | Promise<Answer>,
  ): Route {
    return inRepository([method, path, needs], (project, call) => {
      const pull = project.pulls.find(({ number }) => number === Number(call.params['index']));
      return pull ? run(project, pull, call) : refuseMissing();
    });
  }

  /** Gitea checks a pull request in the background: `mergeable` is false until it is done. */
  async function see(project: Project, pull: Pull): Promise<Seen> {
    const found = pull.state === 'open' ? await host.assessLate(project, pull) : undefined;
    return {
      base: await host.tip(project, pull.base),
      mergeBase: await host.mergeBase(project, pull),
      hasBranch: (await host.tip(project, pull.head)) !== undefined,
      isMergeable: found !== undefined && !found.isConflicting && !pull.isDraft,
    };
  }

  return { inRepository, inPull, see };
}
