import type { DialectOf } from '../core/dialect.js';
import { landingByPerson, mergeRoutes } from './merge.js';
import { mergeRequestRoutes } from './merge-requests.js';
import { statusRoutes } from './statuses.js';
import { sign, webhooksOf } from './webhooks.js';
import { headers, refusals } from './words.js';

/** GitLab's REST API v4. */
export const gitlab: DialectOf = {
  facts: {
    headRef: (number) => `refs/merge-requests/${number}/head`,
    noticesPushedMerges: true,
    closesEmpty: false,
  },
  create: (at) => ({
    provider: 'gitlab',
    base: '/api/v4',
    pushRefusal: 'GitLab: You are not allowed to push code to protected branches on this project.',
    tokenOf({ headers }) {
      const own = headers['private-token'];
      return typeof own === 'string' ? own : /^bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
    },
    refuse: refusals,
    headers,
    routes: [...mergeRequestRoutes(at), ...mergeRoutes(at), ...statusRoutes(at)],
    landing: async (project, pull, wish) => landingByPerson(project, pull, wish),
    webhooks: webhooksOf(at),
    sign,
  }),
};
