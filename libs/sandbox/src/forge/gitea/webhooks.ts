import { createHmac } from 'node:crypto';
import type { Dialect, Surroundings, WebhookRequest } from '../core/dialect.js';
import type { ForgeEvent } from '../core/model.js';
import { Shapes } from './shapes.js';

/** https://docs.gitea.com/usage/webhooks */
export function webhooksOf(at: Surroundings): Dialect['webhooks'] {
  const shapes = new Shapes(at);
  return (event: ForgeEvent): WebhookRequest[] => {
    const { project, by } = event;
    const about = { repository: shapes.repository(project), sender: shapes.user(by) };
    if (event.is === 'report') {
      const {
        id,
        status: state,
        context,
        description,
        target_url,
        created_at,
        updated_at,
      } = shapes.status(event.report);
      const { commit: sha } = event.report;
      const body = { commit: { id: sha }, id, sha, state, context, description, target_url, created_at, updated_at };
      return [{ event: 'status', body: { ...body, ...about } }];
    }
    const { pull } = event;
    const seen = { base: '', mergeBase: '', hasBranch: true, isMergeable: pull.state === 'open' };
    const pull_request = shapes.pull(project, pull, seen);
    const review = event.action === 'approved' ? { type: 'pull_request_review_approved', content: '' } : null;
    const body = { action: actions[event.action], number: pull.number, pull_request, review, commit_id: '', ...about };
    return [{ event: review ? 'pull_request_approved' : 'pull_request', body }];
  };
}

const actions = {
  opened: 'opened',
  closed: 'closed',
  merged: 'closed',
  synchronized: 'synchronized',
  approved: 'reviewed',
} as const;

/** Gitea sends the headers of GitHub and Gogs too. */
export const sign: Dialect['sign'] = ({ event, body }, secret, id) => {
  const text = JSON.stringify(body, undefined, 2);
  const mac = createHmac('sha256', secret).update(text).digest('hex');
  return {
    text,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Go-http-client/1.1',
      'x-gitea-event': event,
      'x-gitea-delivery': id,
      'x-gitea-signature': mac,
      'x-github-event': event,
      'x-github-delivery': id,
      'x-hub-signature-256': `sha256=${mac}`,
      'x-gogs-event': event,
      'x-gogs-delivery': id,
      'x-gogs-signature': mac,
    },
  };
};
