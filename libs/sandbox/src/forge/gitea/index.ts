import type { DialectOf } from '../core/dialect.js';
import { issueRoutes } from './issues.js';
import { landingOf, mergeRoutes } from './merge.js';
import { pullRoutes } from './pulls.js';
import { Shapes } from './shapes.js';
import { statusRoutes } from './statuses.js';
import { sign, webhooksOf } from './webhooks.js';
import { refusals } from './words.js';

/** Gitea's and Forgejo's REST API v1. */
export const gitea: DialectOf = {
  facts: {
    headRef: (number) => `refs/pull/${number}/head`,
    // A setting of the repository, which is off by default.
    noticesPushedMerges: false,
    closesEmpty: false,
  },
  create: (at) => ({
    provider: 'gitea',
    base: '/api/v1',
    pushRefusal: 'Gitea: Not allowed to push to protected branch',
    tokenOf: ({ headers }) => /^(?:token|bearer) (.+)$/i.exec(headers.authorization ?? '')?.[1],
    refuse: refusals,
    headers: () => ({}),
    routes: [
      {
        ...{ method: 'GET', path: '/user', needs: 'read' },
        run: ({ user }) => ({ status: 200, body: new Shapes(at).user(user) }),
      },
      ...mergeRoutes(at),
      ...pullRoutes(at),
      ...issueRoutes(at),
      ...statusRoutes(at),
    ],
    landing: async (_, pull, wish) => landingOf(pull, wish),
    webhooks: webhooksOf(at),
    sign,
  }),
};
