import { z } from 'zod';
import { authorOf } from '../controls.js';
import type { MergeWish, Surroundings } from '../core/dialect.js';
import type { Landing } from '../core/landing.js';
import type { Project, Pull } from '../core/model.js';
import { bodyOf, type Call, Refused, type Route } from '../http/call.js';
import { routesOf } from './at.js';
import { refuse, refuseMissing } from './words.js';

/** https://docs.gitea.com/api/ : merge a pull request. The body has the names of the fields of Go. */
export function mergeRoutes(at: Surroundings): Route[] {
  const { inPull } = routesOf(at);
  return [
    inPull(['POST', '/pulls/:index/merge', 'pulls'], async (project, pull, call) => {
      await merge(at, project, pull, call);
      return { status: 200 };
    }),
  ];
}

const wish = z.looseObject({
  Do: z.enum(['merge', 'rebase', 'squash']),
  MergeTitleField: z.string().optional(),
  MergeMessageField: z.string().optional(),
  head_commit_id: z.string().optional(),
  delete_branch_after_merge: z.boolean().optional(),
});

async function merge({ host }: Surroundings, project: Project, pull: Pull, call: Call): Promise<void> {
  const wanted = bodyOf(call, wish);
  if (pull.state === 'closed') refuseMissing();
  if (pull.state === 'merged') refuse(405, '');
  if (pull.isDraft) refuse(405, 'Work in progress PRs cannot be merged');
  const found = await host.assessLate(project, pull);
  if (!found || found.isConflicting) return refuse(405, 'Please try again later');
  const { rules } = project;
  const disallow = (reason: string) => refuse(405, `not allowed to merge [reason: ${reason}]`);
  if (found.unmet.length > 0) disallow('Not all required status checks successful');
  if (found.missingReviews > 0) disallow('Does not have enough approvals');
  if (rules.mustBeUpToDate && found.isBehind) disallow('The head branch is behind the base branch');
  const { Do: method } = wanted;
  if (!rules.methods.includes(method)) {
    refuse(405, `${method} is not allowed an allowed merge style for this repository`);
  }
  if (wanted.head_commit_id && wanted.head_commit_id !== pull.commit) refuse(409, 'head out of date');
  const { MergeTitleField: title, MergeMessageField: message } = wanted;
  const landing = landingOf(pull, { method, title, message, by: call.user });
  const deletesBranch = wanted.delete_branch_after_merge ?? rules.deletesBranchAfterMerge;
  const answer = await host.land(project, pull, { landing, by: call.user, deletesBranch });
  if (answer === 'moved') refuse(409, 'merge push out of date');
  if (answer === 'conflict') {
    const body = { Style: method, CommitSHA: pull.commit, StdErr: 'CONFLICT (content)', StdOut: '', Err: {} };
    throw new Refused({ status: 409, body });
  }
}

export function landingOf(pull: Pull, { method, title, message, by }: MergeWish): Landing {
  const body = message ? `\n\n${message}` : '';
  const { number, head, base } = pull;
  return {
    style: method === 'rebase' ? 'rebaseIfBehind' : method,
    mergeMessage: `${title || `Merge pull request '${pull.title}' (#${number}) from ${head} into ${base}`}${body}`,
    squashMessage: `${title || `${pull.title} (#${number})`}${body}`,
    by: authorOf(by),
  };
}
