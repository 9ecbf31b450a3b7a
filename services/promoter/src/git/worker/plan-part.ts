import type { PromotedApplication } from '@k8sta/contracts';
import {
  type Changed,
  FileInvalid,
  formatAt,
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
import { treeOf, treesOf } from './files.js';
import { commitsBetween, commitsSince, contains, findPromotion, hasCommit, lastChangeOf } from './history.js';
import type { Branch } from './mirror.js';

/** Decides what has to be done about a part on a branch that was just fetched. */
export async function planPart(repository: Repository, part: Part, branch: Branch, progress: Progress): Promise<Plan> {
  const { name, tip } = branch;
  const { started } = part;
  if (started && !(await isInHistory(repository, started.base, tip))) {
    return refuse(
      'BranchRewritten',
      `${name} was rewritten: ${started.base}, its tip when this promotion started, is no longer in its history`,
    );
  }
  const recent = started
    ? commitsBetween(repository, { base: started.base, tip }, progress)
    : // Without `promotion.started` (a deleted stream), a commit of ours can still be there.
      commitsSince(commitsBetween(repository, { tip }, progress), new Date(Date.parse(part.requestedAt) - clockSkewMs));
  const ours = await findPromotion(recent, part.id);
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

async function isInHistory(repository: Repository, base: string, tip: string): Promise<boolean> {
  return (await hasCommit(repository, base)) && contains(repository, tip, base);
}

async function changedByOther(
  repository: Repository,
  part: Part,
  { application, place, now }: Changed,
  tip: string,
  progress: Progress,
): Promise<Refusal> {
  const { file, target } = place;
  const base = part.started?.base ?? tip;
  const read = (text: string) => spelled(target, text, application.image);
  const commit = await lastChangeOf(repository, file, read, { base, tip }, progress);
  const author = commit && sanitizeLine(commit.author().toString(), 200);
  const by = commit ? `; ${author} changed it in ${commit.sha()}` : '';
  const began = part.started?.replaces.find(
    (each) => each.name === application.name && each.namespace === application.namespace && each.file === file,
  );
  return {
    ...refuse('ChangedByOther', `${file} named ${began?.value ?? 'another image'} and now names ${now}${by}`),
    ...(commit && author ? { commit: commit.sha(), author } : {}),
  };
}

/** What our commit changed for each Application, read from the commit itself. */
async function outcomesOf(repository: Repository, part: Part, commit: string): Promise<PromotedApplication[]> {
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

type Image = Part['applications'][number]['image'];

function spelled(target: Place['target'], text: string, image: Image): string | undefined {
  try {
    return formatAt(target).read(text, image, target).spelled;
  } catch (error) {
    if (error instanceof FileInvalid) return undefined;
    throw error;
  }
}
