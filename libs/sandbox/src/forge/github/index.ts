import type { DialectOf } from '../core/dialect.js';
import { deploymentRoutes } from './deployments.js';
import { issueRoutes } from './issues.js';
import { landingOf, mergeRoutes } from './merge.js';
import { pullRoutes } from './pulls.js';
import { reportRoutes } from './reports.js';
import { Shapes } from './shapes.js';
import { sign, webhooksOf } from './webhooks.js';
import { headers, refusals } from './words.js';

/** GitHub Enterprise Server's REST API v3: the same as that of github.com, below /api/v3. */
export const github: DialectOf = {
  facts: {
    headRef: (number) => `refs/pull/${number}/head`,
    noticesPushedMerges: true,
    closesEmpty: true,
  },
  create: (at) => ({
    provider: 'github',
    base: '/api/v3',
    pushRefusal: 'error: GH006: Protected branch update failed. Changes must be made through a pull request.',
    tokenOf: ({ headers }) => /^(?:bearer|token) (.+)$/i.exec(headers.authorization ?? '')?.[1],
    refuse: refusals,
    headers,
    routes: [
      {
        ...{ method: 'GET', path: '/user', needs: 'read' },
        run: ({ user }) => ({ status: 200, body: new Shapes(at).user(user) }),
      },
      ...pullRoutes(at),
      ...mergeRoutes(at),
      ...issueRoutes(at),
      ...reportRoutes(at),
      ...deploymentRoutes(at),
    ],
    landing: (project, pull, wish) => landingOf(at, project, pull, wish),
    webhooks: webhooksOf(at),
    sign,
  }),
};
