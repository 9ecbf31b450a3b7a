import { oneLine, type PromotedApplication } from '@k8sta/contracts';
import nodegit, { type Commit, type Repository } from 'nodegit';
import { readImage } from '../edit.js';
import { FileInvalid } from '../images.js';
import { type Part, type Plan, type Refusal, refuse } from '../part.js';
import { planEdits } from '../plan.js';
import { findKustomization } from '../reads.js';
import { cleanPath } from '../tree.js';
import type { Signs } from './connection.js';
import { orMissing, treeOf } from './files.js';
import { commitsBetween, commitsSince, contains, findPromotion, lastChangeOf } from './history.js';
import type { Branch } from './mirror.js';

/** Clocks of those who commit and of those who ask may differ by this much. */
const skewMs = 10 * 60 * 1000;

/** Decides what is to be done about a part on a freshly fetched branch. */
export async function planPart(repository: Repository, part: Part, branch: Branch, signs: Signs): Promise<Plan> {
  const { name, tip } = branch;
  const { started } = part;
  if (started && !(await isPast(repository, started.base, tip))) {
    return refuse(
      'BranchRewritten',
      `${name} has been rewritten: ${started.base}, where it stood when this promotion began, is not in its history any more`,
    );
  }
  const recent = started
    ? commitsBetween(repository, { base: started.base, tip }, signs)
    : // Without our own word of a beginning (a wiped stream), a commit of ours can still be there.
      commitsSince(commitsBetween(repository, { tip }, signs), new Date(Date.parse(part.requestedAt) - skewMs));
  const ours = await findPromotion(recent, part.id);
  if (ours) {
    return { is: 'landed', branch: name, commit: ours.sha(), applications: await outcomesOf(repository, part, ours) };
  }
  const edits = await planEdits(await treeOf(repository, tip), part);
  switch (edits.is) {
    case 'refused':
      return edits;
    case 'changed':
      return changedByOther(repository, part, edits, tip, signs);
    case 'planned': {
      const { applications, replaces, files } = edits;
      if (files.size === 0) return { is: 'nothing', branch: name, tip, applications };
      return { is: 'ready', branch: name, tip, applications, replaces: started?.replaces ?? replaces };
    }
    default:
      throw new TypeError(`no such edits: ${JSON.stringify(edits satisfies never)}`);
  }
}

async function isPast(repository: Repository, base: string, tip: string): Promise<boolean> {
  const known = await orMissing(nodegit.Commit.lookup(repository, nodegit.Oid.fromString(base)));
  return known !== undefined && contains(repository, tip, base);
}

async function changedByOther(
  repository: Repository,
  part: Part,
  { file, application, now }: { file: string; application: Part['applications'][number]; now: string },
  tip: string,
  signs: Signs,
): Promise<Refusal> {
  const base = part.started?.base ?? tip;
  const commit = await lastChangeOf(repository, file, (text) => spelled(text, application.image), { base, tip }, signs);
  const author = commit && oneLine(commit.author().toString(), 200);
  const by = commit ? `; ${author} changed it in ${commit.sha()}` : '';
  const began = part.started?.replaces.find(
    (each) => each.name === application.name && each.namespace === application.namespace,
  );
  return {
    ...refuse('ChangedByOther', `${file} named ${began?.value ?? 'another image'} and now names ${now}${by}`),
    ...(commit && author ? { commit: commit.sha(), author } : {}),
  };
}

/** What our commit did to each Application, read from the commit itself. */
async function outcomesOf(repository: Repository, part: Part, commit: Commit): Promise<PromotedApplication[]> {
  const after = await treeOf(repository, commit.sha());
  const parent = commit.parents()[0]?.tostrS();
  const before = parent === undefined ? after : await treeOf(repository, parent);
  return Promise.all(
    part.applications.map(async ({ namespace, name, path, image }): Promise<PromotedApplication> => {
      const directory = cleanPath(path);
      const found = directory === undefined ? undefined : await findKustomization(after, directory);
      if (found?.is !== 'found') return { namespace, name, outcome: 'skipped' };
      const was = await before.entry(found.file);
      const now = spelled(found.text, image);
      const then = was?.is === 'file' ? spelled(was.text, image) : undefined;
      if (now === undefined || then === undefined) return { namespace, name, outcome: 'skipped' };
      const outcome = now === then ? 'unchanged' : 'edited';
      return { namespace, name, file: found.file, outcome, before: then, after: now };
    }),
  );
}

function spelled(text: string, image: Part['applications'][number]['image']): string | undefined {
  try {
    return readImage(text, image).spelled;
  } catch (error) {
    if (error instanceof FileInvalid) return undefined;
    throw error;
  }
}
