import { unreachable } from '@k8sta/text';
import { type Pushed, refuse } from '../../part.js';
import { type Chain, commitChain } from './commit-chain.js';
import type { Progress } from './connection.js';
import type { Mirror } from './mirror.js';
import { tipOn } from './plan-parts.js';
import type { Job } from './protocol.js';
import type { PushConnection, PushConnections } from './push-connections.js';
import { pushRef } from './push-ref.js';

type PushJob = Extract<Job, { op: 'push' }>;

/** How often the branch may move before anything is pushed. After that the tracker is asked again first. */
const maxLooks = 3;

/**
 * Makes one commit for each part, each on top of the one before, and pushes them together, never with force. The server
 * says where the branch is on the connection that the push then uses.
 */
export async function pushParts(
  mirror: Mirror,
  connections: PushConnections,
  job: PushJob,
  progress: Progress,
): Promise<Pushed[]> {
  const { remote, branch } = job;
  for (let look = 1; look <= maxLooks; look++) {
    progress.local();
    const held = look === 1 ? await connections.take(remote, branch, progress) : undefined;
    const connection = held?.connection ?? (await connections.open(remote, progress));
    // Fetched while the connection is open: then nothing but the fetch is between the server's word and our push.
    const found = await tipOn(mirror, connection, branch, progress);
    if (found && found.tip === connection.refs.get(branch)) {
      const made = held?.chain;
      const chain =
        made && isOf(made, job, found.tip) ? made : await commitChain(connection.repository, job, found.tip, progress);
      return pushChain(mirror, connections, connection, { job, chain });
    }
    await connections.close(connection);
    if (!found) return missingBranch(job);
  }
  return lost(job, `the branch moved ${maxLooks} times before the push`);
}

/** Whether these commits are those of the job: the tracker may want fewer parts than were planned. */
function isOf({ base, ids, outcomes }: Chain, { parts }: PushJob, tip: string): boolean {
  if (base !== tip || ids.length !== parts.length || outcomes.some(({ is }) => is !== 'pushed')) return false;
  // A part that started earlier, on another commit, has to be looked for in the history since then.
  return parts.every(({ id, started }, index) => id === ids[index] && started?.base === tip);
}

async function pushChain(
  mirror: Mirror,
  connections: PushConnections,
  connection: PushConnection,
  { job, chain }: { job: PushJob; chain: Chain },
): Promise<Pushed[]> {
  if (chain.commits === 0) {
    await connections.close(connection);
    return chain.outcomes;
  }
  // However the push ends, the branch has moved. If we lose the race, the next push fetches first.
  mirror.moved(job.branch, undefined);
  // The push sends the tip that the server advertised on this connection as the old value, and the server compares it
  // under its lock: if the branch moves from here on, the server refuses the push.
  const result = await pushRef(connections, connection, `${chain.tip}:${job.branch}`, job.branch);
  switch (result.is) {
    case 'accepted':
      mirror.moved(job.branch, chain.tip);
      return chain.outcomes;
    case 'lost':
      return lost(job, result.why);
    case 'refused':
      // Every outcome depends on the commits below it, and the server did not accept those.
      if (job.parts.length > 1) return job.parts.map(() => ({ is: 'mixed', why: result.why }));
      return [refuse('RefRefused', result.why)];
    default:
      return unreachable('push result', result);
  }
}

/** Pushing would create the branch: its old value would be "none". */
function missingBranch({ parts, remote: { url }, branch }: PushJob): Pushed[] {
  return parts.map(() => refuse('BranchMissing', `${url} has no ${branch}`));
}

function lost({ parts }: PushJob, why: string): Pushed[] {
  return parts.map(() => ({ is: 'lost', why }));
}
