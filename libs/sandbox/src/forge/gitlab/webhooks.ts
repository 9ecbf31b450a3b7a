import type { Dialect, Surroundings, WebhookRequest } from '../core/dialect.js';
import type { ForgeEvent } from '../core/model.js';
import { Shapes } from './shapes.js';

/** https://docs.gitlab.com/user/project/integrations/webhook_events/ */
export function webhooksOf(at: Surroundings): Dialect['webhooks'] {
  const shapes = new Shapes(at);
  return (event: ForgeEvent): WebhookRequest[] => {
    const { id, path_with_namespace, path: name, web_url, default_branch } = shapes.project(event.project);
    const project = { id, name, path_with_namespace, web_url, default_branch };
    const user = shapes.user(event.by);
    if (event.is === 'report') return pipelineHook(event, shapes, { user, project });
    const { pull } = event;
    const shown = shapes.mergeRequest(event.project, pull, undefined);
    const object_attributes = {
      ...{ id: pull.id, iid: pull.number, title: pull.title, description: pull.body, state: shown.state },
      ...{ source_branch: pull.head, target_branch: pull.base, source_project_id: id, target_project_id: id },
      ...{ merge_commit_sha: shown.merge_commit_sha, draft: pull.isDraft, url: shown.web_url },
      ...{ merge_status: shown.merge_status, detailed_merge_status: shown.detailed_merge_status },
      ...{ created_at: pull.createdAt, updated_at: pull.updatedAt },
      last_commit: { id: pull.commit },
      action: actions[event.action],
    };
    const labels = pull.labels.map((title) => ({ title }));
    const body = {
      object_kind: 'merge_request',
      event_type: 'merge_request',
      user,
      project,
      object_attributes,
      labels,
    };
    return [{ event: 'Merge Request Hook', body }];
  };
}

const actions = {
  opened: 'open',
  closed: 'close',
  merged: 'merge',
  synchronized: 'update',
  approved: 'approved',
} as const;

function pipelineHook(
  { project, report }: Extract<ForgeEvent, { is: 'report' }>,
  shapes: Shapes,
  about: { user: unknown; project: unknown },
): WebhookRequest[] {
  const pull = project.pulls.find(({ commit, state }) => commit === report.commit && state === 'open');
  const pipeline = shapes.pipeline(project, report.commit, pull?.head ?? project.repository.branch);
  if (!pipeline) return [];
  const { id, ref, sha, source, status } = pipeline;
  const merge_request = pull && {
    ...{ id: pull.id, iid: pull.number, title: pull.title, state: 'opened' },
    ...{ source_branch: pull.head, target_branch: pull.base },
  };
  const object_attributes = { id, ref, sha, source, status };
  return [
    {
      event: 'Pipeline Hook',
      body: { object_kind: 'pipeline', object_attributes, ...(merge_request && { merge_request }), ...about },
    },
  ];
}

export const sign: Dialect['sign'] = ({ event, body }, secret, id) => ({
  text: JSON.stringify(body),
  headers: {
    'content-type': 'application/json',
    'user-agent': 'GitLab/18.2.0',
    'x-gitlab-event': event,
    'x-gitlab-token': secret,
    'x-gitlab-event-uuid': id,
    'idempotency-key': id,
  },
});
