import nodegit from 'nodegit';
import { type Pushed, refuse } from '../../part.js';
import { type Chain, commitChain } from './commit-chain.js';
import { type Connection, connect, type Progress } from './connection.js';
import { hasCommit } from './history.js';
import type { Mirror } from './mirror.js';
import type { Job } from './protocol.js';
import { readPushResult } from './push-result.js';

type PushJob = Extract<Job, { op: 'push' }>;

/** How often the branch may move before anything is pushed. After that the tracker is asked again first. */
const maxLooks = 3;

/**
 * Makes one commit for each part, each on top of the one before, and pushes them together, never with force. The server
 * says where the branch is on the connection that the push then uses: between the two there is only the fetch of what
 * the mirror lacks.
 */
export async function pushParts(mirror: Mirror, job: PushJob, progress: Progress): Promise<Pushed[]> {
  const { remote: address, branch } = job;
  const fetch = async () => {
    const found = await mirror.fetch(address, branch, progress);
    return found === 'tag' ? undefined : found?.tip;
  };
  return mirror.with(async (repository) => {
    for (let look = 1; look <= maxLooks; look++) {
      progress.local();
      const tip = mirror.tip(branch) ?? (await fetch());
      if (tip === undefined) return missingBranch(job);
      // Before the connection opens, because most of the time the branch has not moved.
      const chain = await commitChain(repository, job, tip, progress);
      const connection = await connect(repository, address, nodegit.Enums.DIRECTION.PUSH, progress);
      const advertised = connection.refs.get(branch);
      if (advertised === tip) return pushChain(mirror, connection, job, chain, progress);
      // Fetch while the connection is open: then nothing but the fetch is between the server's word and our push.
      const isKnown = advertised === undefined || (await hasCommit(repository, advertised));
      const fetched = isKnown ? advertised : await fetch();
      if (fetched === advertised && fetched !== undefined) {
        const moved = await commitChain(repository, job, fetched, progress);
        return pushChain(mirror, connection, job, moved, progress);
      }
      await connection.remote.disconnect();
      if (fetched === undefined) return missingBranch(job);
    }
    return lost(job, `the branch moved ${maxLooks} times before the push`);
  });
}

async function pushChain(
  mirror: Mirror,
  { remote, options, words }: Connection,
  job: PushJob,
  chain: Chain,
  progress: Progress,
): Promise<Pushed[]> {
  if (chain.commits === 0) {
    await remote.disconnect();
    return chain.outcomes;
  }
  progress.contact();
  progress.alive();
  // However the push ends, the branch has moved. If we lose the race, the next push fetches first.
  mirror.moved(job.branch, undefined);
  // The push sends the tip that the server advertised on this connection as the old value, and the server compares it
  // under its lock: if the branch moves from here on, the server refuses the push.
  try {
    await remote.push([`${chain.tip}:${job.branch}`], options);
  } catch (error) {
    if ((error as { errno?: number }).errno !== nodegit.Error.CODE.ENONFASTFORWARD) throw error;
    return lost(job, (error as Error).message);
  }
  const result = readPushResult(words.refs.get(job.branch), words.sideband);
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
      throw new TypeError(`unknown push result: ${JSON.stringify(result satisfies never)}`);
  }
}

/** Pushing would create the branch: its old value would be "none". */
function missingBranch({ parts, remote: { url }, branch }: PushJob): Pushed[] {
  return parts.map(() => refuse('BranchMissing', `${url} has no ${branch}`));
}

function lost({ parts }: PushJob, why: string): Pushed[] {
  return parts.map(() => ({ is: 'lost', why }));
}
