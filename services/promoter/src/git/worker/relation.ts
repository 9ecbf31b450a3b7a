import { type gitRelation, type ImagePlace, oneLine, type WantedImage } from '@k8sta/contracts';
import nodegit, { type Repository } from 'nodegit';
import type { z } from 'zod';
import { FileInvalid, inFile } from '../../target/file-invalid.js';
import { targetAt } from '../../target/index.js';
import { cleanPath, lookUp, type Tree } from '../../target/tree.js';
import { orMissing, treeOf } from './files.js';
import { contains } from './history.js';

/** With the revision that it is about, which the caller looks up where the question is about the tip of the branch. */
type Question = z.infer<typeof gitRelation.request> & { readonly revision: string };
type Reply = z.infer<typeof gitRelation.reply>;

/** Answers from the object database alone; undefined when one of the two commits is not in it. */
export async function relate(repository: Repository, question: Question): Promise<Reply | undefined> {
  const { commit, revision } = question;
  const strange = [commit, revision].find((id) => !/^[0-9a-f]{40}$/.test(id));
  if (strange !== undefined) return { relation: 'unknown', message: `"${strange.slice(0, 100)}" is not a commit id` };
  if (!(await has(repository, commit)) || !(await has(repository, revision))) return undefined;
  return { relation: await relationOf(repository, commit, revision), ...(await named(repository, question)) };
}

async function relationOf(repository: Repository, commit: string, revision: string): Promise<Reply['relation']> {
  if (commit === revision) return 'same';
  if (await contains(repository, revision, commit)) return 'contains';
  if (await contains(repository, commit, revision)) return 'behind';
  return 'unrelated';
}

type Named = Pick<Reply, 'namesImage' | 'named' | 'message'>;

/** Whether every place names the image at the revision; the first that does not, or cannot be read, is the answer. */
async function named(repository: Repository, question: Question): Promise<Named> {
  const { file, target, alsoIn = [], revision, image } = question;
  if (file === undefined) return {};
  if (target === undefined) return { message: `the question does not say how ${oneLine(file, 200)} names the image` };
  const tree = await treeOf(repository, revision);
  for (const place of [{ file, target }, ...alsoIn]) {
    const answer = await namedAt(tree, place, image);
    if (!answer.namesImage) return answer;
  }
  return { namesImage: true };
}

async function namedAt(tree: Tree, { file, target }: ImagePlace, image: WantedImage): Promise<Named> {
  const path = cleanPath(file);
  if (path === undefined || path === '') return { message: `the path "${oneLine(file, 200)}" leaves the repository` };
  const entry = await lookUp(tree, path);
  if (entry === undefined) return { namesImage: false };
  if (entry.is !== 'file') return { message: `${path} is not a file that can be read` };
  try {
    const { names, spelled } = inFile(path, () => targetAt(target).read(entry.text, image, target));
    return { namesImage: names, ...(names || spelled === undefined ? {} : { named: spelled }) };
  } catch (error) {
    if (error instanceof FileInvalid) return { message: error.message };
    throw error;
  }
}

async function has(repository: Repository, commit: string): Promise<boolean> {
  const found = await orMissing(nodegit.Commit.lookup(repository, nodegit.Oid.fromString(commit)));
  return found !== undefined;
}
