import type { WantedImage } from '@k8sta/contracts';
import { FileInvalid, formatAt, type Place } from '@k8sta/edits';
import { sanitizeLine } from '@k8sta/text';
import type { Commit, Repository } from 'nodegit';
import { isCopy, promotionOf } from '../../commit-message.js';
import type { Progress } from './connection.js';
import { lastChangeOf } from './history.js';

/** Who made a place name what it names at the tip. */
export type Culprit = { readonly commit: string; readonly author: string };

interface Search {
  readonly place: Place;
  readonly image: WantedImage;
  /** Only commits that are not in its history count; without it, all. */
  readonly base?: string | undefined;
  readonly tip: string;
}

/** Undefined if no commit in reach changed the place. */
export async function culpritOf(
  repository: Repository,
  search: Search,
  progress: Progress,
): Promise<Culprit | undefined> {
  const commit = await changeOf(repository, search, progress);
  return commit && { commit: commit.sha(), author: authorOf(commit) };
}

/** As {@link culpritOf}, and whether K8sTA made the commit. `base` is a commit of ours, or one that named the image. */
export async function changeSince(
  repository: Repository,
  search: Search & { readonly base: string },
  progress: Progress,
): Promise<(Culprit & { readonly ours: boolean }) | undefined> {
  const commit = await changeOf(repository, search, progress);
  if (!commit) return undefined;
  const promotion = promotionBy(commit);
  const base = promotionOf((await repository.getCommit(search.base)).message());
  // A part has one commit: the second commit with its trailers is a copy.
  return { commit: commit.sha(), author: authorOf(commit), ours: promotion !== undefined && promotion !== base };
}

function changeOf(repository: Repository, { place, image, base, tip }: Search, progress: Progress) {
  const read = (text: string) => spelled(place, text, image);
  return lastChangeOf(repository, place.file, read, { base, tip }, progress);
}

/**
 * The promotion part for which K8sTA made the commit. A person's commit may carry our trailers as well: a revert that quotes
 * the whole message, or a cherry-pick, which keeps the author.
 */
export function promotionBy(commit: Commit): string | undefined {
  const isPicked = commit.author().toString() !== commit.committer().toString();
  return isPicked || isCopy(commit.message()) ? undefined : promotionOf(commit.message());
}

function authorOf(commit: Commit): string {
  return sanitizeLine(commit.author().toString(), 200);
}

function spelled({ target }: Place, text: string, image: WantedImage): string | undefined {
  try {
    return formatAt(target).read(text, image, target).spelled;
  } catch (error) {
    if (error instanceof FileInvalid) return undefined;
    throw error;
  }
}
