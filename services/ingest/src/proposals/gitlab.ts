import { z } from 'zod';
import { literalHeader } from '../senders/proof.js';
import type { Ignored } from '../senders/sender.js';
import { jsonForge, parse } from './forge.js';
import type { Mention } from './mention.js';
import { isRunning, nothingChanged } from './pull-request.js';

const project = z.object({ path_with_namespace: z.string().max(2_048) });

/** The branch of a merge request, and where it is. GitLab names no source project once a fork is deleted. */
const ends = z.object({ source_branch: z.string(), source_project_id: z.int().nullish(), target_project_id: z.int() });

/** The fields that we read of merge request events (https://docs.gitlab.com/user/project/integrations/webhook_events/). */
const mergeRequest = z.object({
  user: z.object({ username: z.string() }).optional(),
  project,
  object_attributes: ends.extend({ iid: z.int().min(1), action: z.string().optional() }),
});

/** Of pipeline events. The pipeline of a branch has no merge request, even if there is one for the branch. */
const pipeline = z.object({
  project,
  merge_request: ends.nullish(),
  object_attributes: z.object({ ref: z.string(), tag: z.boolean().optional(), status: z.string() }),
});

/** How a pipeline ends. */
const ended = new Set(['success', 'failed', 'canceled', 'skipped']);

/** K8sTA opens a merge request itself. */
const changes = new Set(['reopen', 'update', 'approved', 'unapproved', 'approval', 'unapproval']);

/** GitLab.com and GitLab, self-managed: the webhooks of a project, of a group or of the system. */
export const gitlab = jsonForge({
  name: 'gitlab',
  proof: literalHeader('X-Gitlab-Token'),
  payload: z.looseObject({ object_kind: z.unknown().optional() }),
  mentioned(json) {
    if (json.object_kind === 'merge_request') return parse(mergeRequest, json, mentionOfMergeRequest);
    if (json.object_kind === 'pipeline') return parse(pipeline, json, mentionOfPipeline);
    return { ignored: 'not about a merge request or a pipeline' };
  },
});

function mentionOfMergeRequest(event: z.output<typeof mergeRequest>): readonly Mention[] | Ignored {
  const { iid: number, source_branch: branch, action = '' } = event.object_attributes;
  const what = whatOf(action);
  if (what === undefined) return nothingChanged;
  const isOfFork = isFork(event.object_attributes);
  const repository = event.project.path_with_namespace;
  return [{ branch, isOfFork, repository, number, what, by: event.user?.username }];
}

function whatOf(action: string): Mention['what'] | undefined {
  if (action === 'merge') return 'merged';
  if (action === 'close') return 'closed';
  return changes.has(action) ? 'changed' : undefined;
}

function mentionOfPipeline({ merge_request, ...event }: z.output<typeof pipeline>): readonly Mention[] | Ignored {
  const { ref, tag, status } = event.object_attributes;
  if (!ended.has(status)) return isRunning;
  if (tag) return { ignored: 'the pipeline is of a tag' };
  const branch = merge_request?.source_branch ?? ref;
  const isOfFork = merge_request ? isFork(merge_request) : false;
  return [{ branch, isOfFork, repository: event.project.path_with_namespace, what: 'checked' }];
}

function isFork({ source_project_id, target_project_id }: z.output<typeof ends>): boolean {
  return source_project_id !== target_project_id;
}
