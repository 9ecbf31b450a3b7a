import { createHmac } from 'node:crypto';
import type { Dialect, Surroundings, WebhookRequest } from '../core/dialect.js';
import type { ForgeEvent } from '../core/model.js';
import { Shapes } from './shapes.js';

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads */
export function webhooksOf(at: Surroundings): Dialect['webhooks'] {
  const shapes = new Shapes(at);
  return (event: ForgeEvent): WebhookRequest[] => {
    const { project, by } = event;
    const about = { repository: shapes.repository(project), sender: shapes.user(by) };
    if (event.is === 'report') {
      const { report } = event;
      if (report.kind === 'status') {
        const { id, state, context, description, target_url } = shapes.status(report);
        const branches = project.pulls
          .filter(({ commit }) => commit === report.commit)
          .map(({ head: name }) => ({ name, commit: { sha: report.commit } }));
        const body = { id, sha: report.commit, name: project.name, state, context, description, target_url, branches };
        return [{ event: 'status', body: { ...body, ...about } }];
      }
      const run = shapes.checkRun(report);
      const action = run.status === 'completed' ? 'completed' : 'created';
      const pull_requests = project.pulls
        .filter(({ commit, state }) => commit === report.commit && state === 'open')
        .map(({ id, number, head, base, commit }) => ({
          id,
          number,
          head: { ref: head, sha: commit },
          base: { ref: base },
        }));
      return [{ event: 'check_run', body: { action, check_run: { ...run, pull_requests }, ...about } }];
    }
    const pull_request = shapes.wholePull(project, event.pull);
    if (event.action === 'approved') {
      const last = event.pull.approvals.at(-1);
      const review = last && { ...shapes.review(last), state: 'approved' };
      return [{ event: 'pull_request_review', body: { action: 'submitted', review, pull_request, ...about } }];
    }
    const { number } = event.pull;
    return [{ event: 'pull_request', body: { action: actions[event.action], number, pull_request, ...about } }];
  };
}

const actions = {
  opened: 'opened',
  closed: 'closed',
  merged: 'closed',
  synchronized: 'synchronize',
} as const;

export const sign: Dialect['sign'] = ({ event, body }, secret, id) => {
  const text = JSON.stringify(body);
  const mac = createHmac('sha256', secret).update(text).digest('hex');
  return {
    text,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/044aadd',
      'x-github-event': event,
      'x-github-delivery': id,
      'x-hub-signature-256': `sha256=${mac}`,
    },
  };
};
