import { applicationKey, type PromotedApplication } from '@k8sta/contracts';
import {
  type Changed,
  joined,
  type Place,
  placesNaming,
  planEdits,
  type Refusal,
  refuse,
  type Trees,
  whereOf,
} from '@k8sta/edits';
import { sanitizeLine, unreachable } from '@k8sta/text';
import type { Repository } from 'nodegit';
import { clockSkewMs, type Part, type Plan } from '../../part.js';
import type { Progress } from './connection.js';
import { culpritOf, promotionBy } from './culprit.js';
import { treeOf, treesOf } from './files.js';
import { commitsBetween, commitsSince, contains, findPromotion, first, hasCommit, maxLooked } from './history.js';
import type { Branch } from './mirror.js';
import type { WalkedCommit } from './walk.js';

/** Decides what has to be done about a part on a branch that was just fetched. */
export async function planPart(repository: Repository, part: Part, branch: Branch, progress: Progress): Promise<Plan> {
  const { name, tip } = branch;
  const { started } = part;
  const rewritten = await whyRewritten(repository, part, branch);
  if (rewritten) return rewritten;
  const ours = await findPromotion(recentCommits(repository, part, tip, progress), part.id);
  if (ours) {
    return { is: 'landed', branch: name, commit: ours, applications: await outcomesOf(repository, part, ours) };
  }
  const edits = await planEdits(treesOf(repository, await treeOf(repository, tip), part), part);
  switch (edits.is) {
    case 'refused':
      return edits;
    case 'changed':
      return changedByOther(repository, part, edits, tip, progress);
    case 'planned': {
      const { applications, replaces, files } = edits;
      if (files.size === 0) return { is: 'nothing', branch: name, tip, applications };
      return { is: 'ready', branch: name, tip, applications, replaces: started?.replaces ?? replaces };
    }
    default:
      return unreachable('edits', edits);
  }
}

/** The refusal of a branch whose history does not have the commit at which the part started. */
export async function whyRewritten(
  repository: Repository,
  { started }: Part,
  { name, tip }: Branch,
): Promise<Refusal | undefined> {
  if (!started || (await isInHistory(repository, started.base, tip))) return undefined;
  return refuse(
    'BranchRewritten',
    `${name} was rewritten: ${started.base}, its tip when this promotion started, is no longer in its history`,
  );
}

/** The commits among which a commit of the part can be, newest first. */
export function recentCommits(
  repository: Repository,
  { started, requestedAt }: Part,
  tip: string,
  progress: Progress,
): AsyncGenerator<WalkedCommit> {
  if (started) return commitsBetween(repository, { base: started.base, tip }, progress);
  // Without `promotion.started` (a deleted stream), a commit of ours can still be there.
  const since = new Date(Date.parse(requestedAt) - clockSkewMs);
  return commitsSince(commitsBetween(repository, { tip }, progress), since);
}

async function isInHistory(repository: Repository, base: string, tip: string): Promise<boolean> {
  return (await hasCommit(repository, base)) && contains(repository, tip, base);
}

async function changedByOther(
  repository: Repository,
  part: Part,
  { application, place: changed, now }: Changed,
  tip: string,
  progress: Progress,
): Promise<Refusal> {
  const base = part.started?.base ?? (await lastCommitOf(repository, part, tip, progress));
  const place = changed ?? (base === undefined ? undefined : await placeAt(repository, part, application, base));
  const culprit = place && (await culpritOf(repository, { place, image: application.image, base, tip }, progress));
  const by = culprit ? `; ${culprit.author} changed it in ${culprit.commit}` : '';
  const began = part.started?.replaces.find(
    (each) => applicationKey(each) === applicationKey(application) && each.file === place?.file,
  );
  const then = began?.value ?? application.replaces ?? 'another image';
  const where = place?.file ?? applicationKey(application);
  const message = sanitizeLine(`${where} named ${then} and now names ${now}${by}`, 2_000);
  return { ...refuse('ChangedByOther', message), ...culprit };
}

/** The newest commit that this Ticket has made for the Station. A rollback follows it. */
async function lastCommitOf(
  repository: Repository,
  { ticket, station }: Part,
  tip: string,
  progress: Progress,
): Promise<string | undefined> {
  for await (const { sha, promotion } of first(maxLooked, commitsBetween(repository, { tip }, progress))) {
    if (!promotion?.startsWith(`${ticket}/${station}/`)) continue;
    if (promotionBy(await repository.getCommit(sha)) === promotion) return sha;
  }
  return undefined;
}

/** The first place that named the image in this commit. */
async function placeAt(
  repository: Repository,
  part: Part,
  application: Part['applications'][number],
  commit: string,
): Promise<Place | undefined> {
  return (await placesNaming(treesOf(repository, await treeOf(repository, commit), part), application)).places[0];
}

/** What our commit changed for each Application, read from the commit itself. */
export async function outcomesOf(repository: Repository, part: Part, commit: string): Promise<PromotedApplication[]> {
  const after = await treeOf(repository, commit);
  const parent = (await repository.getCommit(commit)).parents()[0]?.tostrS();
  const before = parent === undefined ? after : await treeOf(repository, parent);
  return Promise.all(
    part.applications.map((application) =>
      outcomeOf(application, treesOf(repository, before, part), treesOf(repository, after, part)),
    ),
  );
}

async function outcomeOf(
  application: Part['applications'][number],
  before: Trees,
  after: Trees,
): Promise<PromotedApplication> {
  const { namespace, name } = application;
  const [now, then] = await Promise.all([after, before].map((trees) => placesNaming(trees, application)));
  const places = now?.places ?? [];
  const [is, was] = [now, then].map((each) => joined(each?.images ?? []));
  if (is === '') return { namespace, name, outcome: 'skipped' };
  return { namespace, name, ...whereOf(places), outcome: is === was ? 'unchanged' : 'edited', before: was, after: is };
}
