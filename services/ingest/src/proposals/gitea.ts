import { z } from 'zod';
import { hmac } from '../senders/proof.js';
import { jsonForge } from './forge.js';
import { isRunning, mentionOf, mentionOfRun, pullRequest, repository, run, sender } from './pull-request.js';

/**
 * The fields that we read of Gitea's events about pull requests, reviews and workflow runs, and of Forgejo's `action_run_success`,
 * `action_run_failure` and `action_run_recover` (https://docs.gitea.com/usage/webhooks,
 * https://forgejo.org/docs/latest/user/webhooks/).
 */
const event = z.object({
  action: z.string().optional(),
  repository: repository.optional(),
  sender: sender.optional(),
  pull_request: pullRequest.nullish(),
  workflow_run: run.nullish(),
  /** Forgejo's run of a workflow. It has ended. */
  run: z
    .object({
      prettyref: z.string().nullish(),
      is_fork_pull_request: z.boolean().nullish(),
      repository: repository.nullish(),
    })
    .nullish(),
  state: z.string().optional(),
  sha: z.string().optional(),
});

const changes = new Set(['synchronized', 'reopened', 'edited', 'reviewed']);

/** Gitea and Forgejo. */
export const gitea = jsonForge({
  name: 'gitea',
  proof: hmac('X-Gitea-Signature', { algorithm: 'sha256', prefix: '', encoding: 'hex' }),
  payload: event,
  mentioned({ action = '', sender: user, pull_request: pull, workflow_run: ran, run: ended, ...rest }) {
    if (ran) return action === 'completed' ? mentionOfRun(ran, rest.repository) : isRunning;
    if (ended) {
      if (ended.is_fork_pull_request) return { ignored: 'the check is of a fork' };
      return mentionOfRun({ head_branch: ended.prettyref }, ended.repository ?? rest.repository);
    }
    if (pull) return mentionOf({ action, pull, by: user?.login, changes });
    // Gitea names only the commit: `CommitStatusPayload` in its modules/structs/hook.go.
    if (rest.sha !== undefined && rest.state !== undefined) return { ignored: 'a status of Gitea names no branch' };
    return { ignored: 'not about a pull request or a check' };
  },
});
