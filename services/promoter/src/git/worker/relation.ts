import type { gitRelation, ImagePlace, WantedImage } from '@k8sta/contracts';
import { cleanPath, FileInvalid, formatAt, inFile, lookUp, type Tree } from '@k8sta/edits';
import { sanitizeLine } from '@k8sta/text';
import type { Repository } from 'nodegit';
import type { z } from 'zod';
import type { Progress } from './connection.js';
import { changeSince } from './culprit.js';
import { treeOf } from './files.js';
import { contains, hasCommit } from './history.js';

/** The caller looks up the revision if the question is about the tip of the branch. */
type Question = z.infer<typeof gitRelation.request> & { readonly revision: string };
type Reply = z.infer<typeof gitRelation.reply>;

/** Answers from the object database alone; undefined if one of the two commits is not in it. */
export async function relate(repository: Repository, question: Question): Promise<Reply | undefined> {
  const found = await placed(repository, question);
  return found?.reply;
}

/** As {@link relate}, for the tip of a branch: it also says who changed the place, where that can be told. */
export async function relateTip(
  repository: Repository,
  question: Question,
  progress: Progress,
): Promise<Reply | undefined> {
  const found = await placed(repository, question);
  if (!found) return undefined;
  const { reply, place } = found;
  if (reply.relation !== 'contains' || reply.namesImage !== false || !place) return reply;
  const { image, commit: base, revision: tip } = question;
  const changedBy = await changeSince(repository, { place, image, base, tip }, progress);
  return { ...reply, ...(changedBy && { changedBy }) };
}

interface Answer {
  readonly reply: Reply;
  /** The place that does not name the image. */
  readonly place?: ImagePlace | undefined;
}

async function placed(repository: Repository, question: Question): Promise<Answer | undefined> {
  const { commit, revision } = question;
  const invalid = [commit, revision].find((id) => !/^[0-9a-f]{40}$/.test(id));
  if (invalid !== undefined) {
    return { reply: { relation: 'unknown', message: `"${invalid.slice(0, 100)}" is not a commit id` } };
  }
  if (!(await hasCommit(repository, commit)) || !(await hasCommit(repository, revision))) return undefined;
  const relation = await relationOf(repository, commit, revision);
  const { place, ...said } = await named(repository, question);
  return { reply: { relation, ...said }, place };
}

async function relationOf(repository: Repository, commit: string, revision: string): Promise<Reply['relation']> {
  if (commit === revision) return 'same';
  if (await contains(repository, revision, commit)) return 'contains';
  if (await contains(repository, commit, revision)) return 'behind';
  return 'unrelated';
}

type Named = Pick<Reply, 'namesImage' | 'named' | 'message'>;

/** Whether every place names the image at the revision. The first place that does not, or that cannot be read, decides. */
async function named(repository: Repository, question: Question): Promise<Named & Pick<Answer, 'place'>> {
  const { file, target, alsoIn = [], revision, image } = question;
  if (file === undefined) return {};
  if (target === undefined)
    return { message: `the question does not say how ${sanitizeLine(file, 200)} names the image` };
  const tree = await treeOf(repository, revision);
  for (const each of [{ file, target }, ...alsoIn]) {
    const place = { ...each, file: cleanPath(each.file) ?? '' };
    const answer = place.file === '' ? leaves(each) : await namedAt(tree, place, image);
    if (!answer.namesImage) return { ...answer, place };
  }
  return { namesImage: true };
}

function leaves({ file }: ImagePlace): Named {
  return { message: `the path "${sanitizeLine(file, 200)}" leaves the repository` };
}

async function namedAt(tree: Tree, { file: path, target }: ImagePlace, image: WantedImage): Promise<Named> {
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
