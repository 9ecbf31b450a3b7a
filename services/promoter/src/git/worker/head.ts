import { sanitizeLine } from '@k8sta/text';
import type { Repository } from 'nodegit';
import type { Head } from '../../part.js';
import { promotionBy } from './culprit.js';
import { contains } from './history.js';
import type { Author } from './protocol.js';

interface Question {
  /** The tip of the branch of the pull request. */
  readonly commit: string;
  /** The tip of the target branch. */
  readonly target: string;
  /** The part of the pull request. */
  readonly id: string;
  /** Who commits for K8sTA. */
  readonly author: Author;
}

/**
 * Whether the branch of a pull request holds nothing but our own commit: then it may be replaced. A commit of ours that
 * somebody amended, rebased or picked has another committer.
 */
export async function headAt(repository: Repository, { commit, target, id, author }: Question): Promise<Head> {
  const tip = await repository.getCommit(commit);
  const committer = tip.committer();
  const [base, ...others] = tip.parents().map((parent) => parent.tostrS());
  const isOurs =
    promotionBy(tip) === id &&
    committer.name() === author.name &&
    committer.email() === author.email &&
    others.length === 0 &&
    base !== undefined &&
    (await contains(repository, target, base));
  if (isOurs) return { is: 'ours', commit, base };
  return { is: 'others', commit, author: sanitizeLine(tip.author().toString(), 200) };
}
