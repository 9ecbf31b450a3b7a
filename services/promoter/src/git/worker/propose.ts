import { unreachable } from '@k8sta/text';
import { type Proposed, refuse } from '../../part.js';
import { commitChain } from './commit-chain.js';
import type { Progress } from './connection.js';
import type { Mirror } from './mirror.js';
import { tipOn } from './plan-parts.js';
import { requireProposalRef } from './proposal-ref.js';
import type { Job } from './protocol.js';
import type { PushConnections } from './push-connections.js';
import { pushRef } from './push-ref.js';

type ProposeJob = Extract<Job, { op: 'propose' }>;

/**
 * Makes the commit of a part on top of its target branch, and pushes it to the branch of the pull request. The server says
 * on this connection where that branch is, and compares it under its lock when it takes the push: that is the lease.
 */
export async function propose(
  mirror: Mirror,
  connections: PushConnections,
  job: ProposeJob,
  progress: Progress,
): Promise<Proposed> {
  const { remote, branch, head, part, replaces } = job;
  requireProposalRef(head);
  const connection = await connections.open(remote, progress);
  const shown = connection.refs.get(head);
  const target = shown === replaces ? await tipOn(mirror, connection, branch, progress) : undefined;
  if (!target) {
    await connections.close(connection);
    if (shown !== replaces) return { is: 'lost', why: `${head} is at ${shown ?? 'no commit'}` };
    return refuse('BranchMissing', `${remote.url} has no ${branch}`);
  }
  const { outcomes, tip } = await commitChain(connection.repository, { ...job, parts: [part] }, target.tip, progress);
  const [outcome] = outcomes;
  if (outcome?.is !== 'pushed') {
    await connections.close(connection);
    if (!outcome || outcome.is === 'mixed') throw new Error('a chain of one commit has no outcome');
    return outcome;
  }
  // With a plus, because libgit2 itself refuses to send what is not a fast-forward.
  const result = await pushRef(connections, connection, `+${tip}:${head}`, head);
  switch (result.is) {
    case 'accepted':
      mirror.moved(head, tip);
      return outcome;
    case 'lost':
      return result;
    case 'refused':
      return refuse('RefRefused', result.why);
    default:
      return unreachable('push result', result);
  }
}
