import type { gitRelation, ImagePlace, WantedImage } from '@k8sta/contracts';
import { cleanPath, FileInvalid, formatAt, inFile, lookUp, type Tree } from '@k8sta/edits';
import { sanitizeLine } from '@k8sta/text';
import type { Repository } from 'nodegit';
import type { z } from 'zod';
import { treeOf } from './files.js';
import { contains, hasCommit } from './history.js';

/** The caller looks up the revision if the question is about the tip of the branch. */
type Question = z.infer<typeof gitRelation.request> & { readonly revision: string };
type Reply = z.infer<typeof gitRelation.reply>;

/** Answers from the object database alone; undefined if one of the two commits is not in it. */
export async function relate(repository: Repository, question: Question): Promise<Reply | undefined> {
  const { commit, revision } = question;
  const invalid = [commit, revision].find((id) => !/^[0-9a-f]{40}$/.test(id));
  if (invalid !== undefined) return { relation: 'unknown', message: `"${invalid.slice(0, 100)}" is not a commit id` };
  if (!(await hasCommit(repository, commit)) || !(await hasCommit(repository, revision))) return undefined;
  return { relation: await relationOf(repository, commit, revision), ...(await named(repository, question)) };
}

async function relationOf(repository: Repository, commit: string, revision: string): Promise<Reply['relation']> {
  if (commit === revision) return 'same';
  if (await contains(repository, revision, commit)) return 'contains';
  if (await contains(repository, commit, revision)) return 'behind';
  return 'unrelated';
}

type Named = Pick<Reply, 'namesImage' | 'named' | 'message'>;

/** Whether every place names the image at the revision. The first place that does not, or that cannot be read, decides. */
async function named(repository: Repository, question: Question): Promise<Named> {
  const { file, target, alsoIn = [], revision, image } = question;
  if (file === undefined) return {};
  if (target === undefined)
    return { message: `the question does not say how ${sanitizeLine(file, 200)} names the image` };
  const tree = await treeOf(repository, revision);
  for (const place of [{ file, target }, ...alsoIn]) {
    const answer = await namedAt(tree, place, image);
    if (!answer.namesImage) return answer;
  }
  return { namesImage: true };
}

async function namedAt(tree: Tree, { file, target }: ImagePlace, image: WantedImage): Promise<Named> {
  const path = cleanPath(file);
  if (path === undefined || path === '')
    return { message: `the path "${sanitizeLine(file, 200)}" leaves the repository` };
  const entry = await lookUp(tree, path);
  if (entry === undefined) return { namesImage: false };
  if (entry.is !== 'file') return { message: `${path} is not a readable file` };
  try {
    const { names, spelled } = inFile(path, () => formatAt(target).read(entry.text, image, target));
    return { namesImage: names, ...(names || spelled === undefined ? {} : { named: spelled }) };
  } catch (error) {
    if (error instanceof FileInvalid) return { message: error.message };
    throw error;
  }
}
