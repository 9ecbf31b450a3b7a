import nodegit from 'nodegit';
import type { Head, Look } from '../../part.js';
import { connect, type Progress } from './connection.js';
import { headAt } from './head.js';
import type { Branch, Mirror } from './mirror.js';
import { planPart } from './plan-part.js';
import { branchOf, missingBranch, tipOn } from './plan-parts.js';
import type { Job } from './protocol.js';
import { recordOf } from './record.js';

type LookJob = Extract<Job, { op: 'look' }>;

/**
 * Looks at both branches of a pull request. It fetches only what the mirror lacks: while nothing moves, a look is one
 * request, and it is repeated for as long as the pull request is open.
 */
export async function look(mirror: Mirror, job: LookJob, progress: Progress): Promise<Look> {
  const { part, remote: address, merged } = job;
  const { branch, tip } = await tipsOf(mirror, job, progress);
  if (branch === undefined || branch === 'tag') {
    return { plan: missingBranch(address, part, branch), head: { is: 'none' } };
  }
  return mirror.with(async (repository): Promise<Look> => {
    const plan = merged
      ? await recordOf(repository, part, branch, merged.commit, progress)
      : await planPart(repository, part, branch, progress);
    const question = { target: branch.tip, id: part.id, author: job.author };
    const found: Head = tip === undefined ? { is: 'none' } : await headAt(repository, { ...question, commit: tip });
    return { branch, plan, head: found };
  });
}

interface Tips {
  readonly branch: Branch | 'tag' | undefined;
  /** Of the branch of the pull request; undefined if it does not exist. */
  readonly tip: string | undefined;
}

async function tipsOf(mirror: Mirror, { part, remote: address, head }: LookJob, progress: Progress): Promise<Tips> {
  const repository = await mirror.borrow();
  const { remote, refs } = await connect(repository, address, nodegit.Enums.DIRECTION.FETCH, progress);
  const name = branchOf(part);
  await remote.disconnect();
  const connection = { refs, repository, address };
  const branch =
    (name === undefined ? undefined : await tipOn(mirror, connection, name, progress)) ??
    // The default branch, or one that does not exist.
    (await mirror.fetch(address, name, progress));
  const proposal = refs.has(head) ? await tipOn(mirror, connection, head, progress) : undefined;
  progress.local();
  mirror.giveBack(repository);
  return { branch, tip: proposal?.tip };
}
