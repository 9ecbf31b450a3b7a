import { z } from 'zod';
import { hmac } from '../senders/proof.js';
import type { Ignored } from '../senders/sender.js';
import { jsonForge } from './forge.js';
import type { Mention } from './mention.js';
import { isRunning, mentionOf, mentionOfRun, pullRequest, repository, run, sender } from './pull-request.js';

/**
 * The fields that we read of the events `pull_request`, `pull_request_review`, `pull_request_review_thread`, `check_suite`,
 * `check_run`, `workflow_run` and `status` (https://docs.github.com/en/webhooks/webhook-events-and-payloads).
 */
const event = z.object({
  action: z.string().optional(),
  zen: z.string().optional(),
  repository: repository.optional(),
  sender: sender.optional(),
  pull_request: pullRequest.nullish(),
  check_suite: run.nullish(),
  check_run: z.object({ check_suite: run.nullish() }).nullish(),
  workflow_run: run.nullish(),
  state: z.string().optional(),
  branches: z.array(z.object({ name: z.string() })).optional(),
});

const changes = new Set([
  // pull_request. K8sTA opens and labels it itself.
  ...['synchronize', 'reopened', 'edited', 'ready_for_review', 'converted_to_draft', 'enqueued', 'dequeued'],
  // pull_request_review and pull_request_review_thread.
  ...['submitted', 'dismissed', 'resolved', 'unresolved'],
]);

/** github.com and GitHub Enterprise Server. */
export const github = jsonForge({
  name: 'github',
  proof: hmac('X-Hub-Signature-256', { algorithm: 'sha256', prefix: 'sha256=', encoding: 'hex' }),
  payload: event,
  mentioned({ action = '', sender: user, pull_request: pull, ...rest }) {
    if (rest.zen !== undefined) return { ignored: 'a ping' };
    const ran = rest.workflow_run ?? rest.check_run?.check_suite ?? rest.check_suite;
    if (ran) return action === 'completed' ? mentionOfRun(ran, rest.repository) : isRunning;
    if (pull) return mentionOf({ action, pull, by: user?.login, changes });
    if (rest.state !== undefined && rest.branches) return mentionsOfStatus(rest.state, rest.branches, rest.repository);
    return { ignored: 'not about a pull request or a check' };
  },
});

function mentionsOfStatus(
  state: string,
  branches: readonly { readonly name: string }[],
  at: z.output<typeof repository> | undefined,
): readonly Mention[] | Ignored {
  if (state === 'pending') return isRunning;
  if (!at || branches.length === 0) return { ignored: 'the status names no branch' };
  // Branches of the repository itself.
  return branches.map(({ name }) => ({
    ...{ branch: name, isOfFork: false, repository: at.full_name, what: 'checked' as const },
  }));
}
