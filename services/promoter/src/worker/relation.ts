import type { gitRelation } from '@k8sta/contracts';
import nodegit, { type Repository } from 'nodegit';
import type { z } from 'zod';
import { readImage } from '../edit.js';
import { FileInvalid } from '../images.js';
import { cleanPath, lookUp } from '../tree.js';
import { orMissing, treeOf } from './files.js';
import { contains } from './history.js';

type Question = z.infer<typeof gitRelation.request>;
type Reply = z.infer<typeof gitRelation.reply>;

/** Answers from the object database alone; undefined when one of the two commits is not in it. */
export async function relate(repository: Repository, question: Question): Promise<Reply | undefined> {
  const { commit, revision } = question;
  const strange = [commit, revision].find((id) => !/^[0-9a-f]{40}$/.test(id));
  if (strange !== undefined) return { relation: 'unknown', message: `"${strange.slice(0, 100)}" is no commit id` };
  if (!(await has(repository, commit)) || !(await has(repository, revision))) return undefined;
  return { relation: await relationOf(repository, commit, revision), ...(await named(repository, question)) };
}

async function relationOf(repository: Repository, commit: string, revision: string): Promise<Reply['relation']> {
  if (commit === revision) return 'same';
  if (await contains(repository, revision, commit)) return 'contains';
  if (await contains(repository, commit, revision)) return 'behind';
  return 'unrelated';
}

async function named(
  repository: Repository,
  { file, revision, image }: Question,
): Promise<Pick<Reply, 'namesImage' | 'named' | 'message'>> {
  if (file === undefined) return {};
  const path = cleanPath(file);
  if (path === undefined || path === '') return { message: `the path "${file.slice(0, 200)}" leaves the repository` };
  const entry = await lookUp(await treeOf(repository, revision), path);
  if (entry === undefined) return { namesImage: false };
  if (entry.is !== 'file') return { message: `${path} is no file that can be read` };
  try {
    const { names, spelled } = readImage(entry.text, image);
    return { namesImage: names, ...(names || spelled === undefined ? {} : { named: spelled }) };
  } catch (error) {
    if (error instanceof FileInvalid) return { message: `${path} ${error.message}` };
    throw error;
  }
}

async function has(repository: Repository, commit: string): Promise<boolean> {
  const found = await orMissing(nodegit.Commit.lookup(repository, nodegit.Oid.fromString(commit)));
  return found !== undefined;
}
