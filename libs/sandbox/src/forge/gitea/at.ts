import type { Surroundings } from '../core/dialect.js';
import type { Project, Pull } from '../core/model.js';
import { ownedBy, routesAt } from '../http/routes-at.js';
import type { Seen } from './shapes.js';
import { refuseMissing } from './words.js';

/** Makes the routes below a repository and below a pull request of it. */
export function routesOf(surroundings: Surroundings) {
  const { host } = surroundings;
  const missing = { noProject: refuseMissing, noPull: refuseMissing };
  const routes = routesAt(surroundings, { ...ownedBy(surroundings), number: 'index', ...missing });

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

  return { ...routes, see };
}
