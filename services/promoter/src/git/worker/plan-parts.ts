import { applicationKey } from '@k8sta/contracts';
import type { Repository } from 'nodegit';
import { type Part, type Plan, type Refusal, refuse } from '../../part.js';
import { commitChain } from './commit-chain.js';
import type { Progress } from './connection.js';
import { hasCommit } from './history.js';
import { inTurn } from './in-turn.js';
import type { Branch, Mirror } from './mirror.js';
import { planPart } from './plan-part.js';
import type { Job, Remote } from './protocol.js';
import type { PushConnection, PushConnections } from './push-connections.js';

type PlanJob = Extract<Job, { op: 'plan' }>;

/** Decides what has to be done about each part on the branch as it is now, and prepares the push. */
export async function planParts(
  mirror: Mirror,
  connections: PushConnections,
  job: PlanJob,
  progress: Progress,
): Promise<Plan[]> {
  const { parts, remote } = job;
  const name = branchOf(parts[0]);
  const plansOn = (branch: Branch) => mirror.with((repository) => planAll(repository, parts, branch, progress));
  // Most of the time the branch has not moved: plan while the server answers.
  const known = name === undefined ? undefined : mirror.tip(name);
  const early = name !== undefined && known !== undefined ? plansOn({ name, tip: known }) : undefined;
  early?.catch(() => {});
  const connection = name === undefined ? undefined : await openPush(connections, remote, progress);
  const found = connection && name !== undefined ? await tipOn(mirror, connection, name, progress) : undefined;
  if (!connection || !found) {
    if (connection) await connections.close(connection);
    // The default branch, a branch that does not exist, or a repository that we may only read.
    const branch = await mirror.fetch(remote, name, progress);
    if (branch === undefined || branch === 'tag') return parts.map((part) => missingBranch(remote, part, branch));
    return plansOn(branch);
  }
  const plans = await (found.tip === known && early ? early.catch(() => plansOn(found)) : plansOn(found));
  const ready = parts.filter((_, index) => plans[index]?.is === 'ready');
  if (ready.length === 0 || connection.refs.get(found.name) !== found.tip) await connections.close(connection);
  else {
    // Made while the promoter asks the tracker and publishes `promotion.started`.
    const request = { ...job, parts: ready, branch: found.name, isNew: true };
    const chain = commitChain(connection.repository, request, found.tip, progress).catch(() => undefined);
    connections.hold(found.name, connection, chain);
  }
  return plans;
}

/** Undefined if we may read the repository but not write to it: a part may still need no commit. */
async function openPush(
  connections: PushConnections,
  remote: Remote,
  progress: Progress,
): Promise<PushConnection | undefined> {
  try {
    return await connections.open(remote, progress);
  } catch (error) {
    if (/unexpected http status code: 403/.test(String((error as Error).message))) return undefined;
    throw error;
  }
}

/** The branch as the server shows it on this connection, or newer; fetched if the mirror lacks it. */
export async function tipOn(
  mirror: Mirror,
  { refs, repository, address }: Pick<PushConnection, 'refs' | 'repository' | 'address'>,
  name: string,
  progress: Progress,
): Promise<Branch | undefined> {
  const advertised = refs.get(name);
  if (advertised === undefined) return undefined;
  if (!(await hasCommit(repository, advertised))) {
    const fetched = await mirror.fetch(address, name, progress);
    return fetched === 'tag' ? undefined : fetched;
  }
  mirror.moved(name, advertised);
  return { name, tip: advertised };
}

function planAll(repository: Repository, parts: readonly Part[], branch: Branch, progress: Progress): Promise<Plan[]> {
  return inTurn(parts, (part) => planPart(repository, part, branch, progress));
}

/** The branch of a part; undefined for the remote's default branch. */
export function branchOf(part: Part | undefined): string | undefined {
  return part?.started?.branch ?? part?.branch;
}

export function missingBranch({ url }: Remote, part: Part, found: 'tag' | undefined): Refusal {
  const branch = branchOf(part);
  if (found === undefined) return refuse('BranchMissing', `${url} has no ${branch ?? 'branch that its HEAD names'}`);
  const revision = branch?.replace(/^refs\/heads\//, '');
  const applications = part.applications.map(applicationKey).join(', ');
  return refuse('BranchMissing', `the targetRevision "${revision}" of ${applications} is a tag; it must be a branch`);
}
