import { z } from 'zod';
import { authorOf } from '../controls.js';
import type { Assessment } from '../core/assess.js';
import type { MergeWish, Surroundings } from '../core/dialect.js';
import type { Landing } from '../core/landing.js';
import type { MergeMethod, Project, Pull } from '../core/model.js';
import { bodyOf, type Call, type Route } from '../http/call.js';
import { routesOf } from './at.js';
import { refuse } from './words.js';

/** https://docs.github.com/en/rest/pulls/pulls#merge-a-pull-request */
export function mergeRoutes(at: Surroundings): Route[] {
  const { inPull } = routesOf(at);
  return [
    inPull(['PUT', '/pulls/:number/merge', 'contents'], async (project, pull, call) => {
      const sha = await merge(at, project, pull, call);
      return { status: 200, body: { sha, merged: true, message: 'Pull Request successfully merged' } };
    }),
  ];
}

const wish = z.looseObject({
  commit_title: z.string().optional(),
  commit_message: z.string().optional(),
  sha: z.string().optional(),
  merge_method: z.enum(['merge', 'squash', 'rebase']).default('merge'),
});

async function merge(at: Surroundings, project: Project, pull: Pull, call: Call): Promise<string> {
  const { commit_title: title, commit_message: message, sha, merge_method: method } = bodyOf(call, wish);
  if (pull.state !== 'open') refuse(405, 'Pull Request is not mergeable');
  if (pull.isDraft) refuse(405, 'Pull Request is still a draft');
  if (sha !== undefined && sha !== pull.commit) {
    refuse(409, 'Head branch was modified. Review and try the merge again.');
  }
  if (!project.rules.methods.includes(method)) refuse(405, `${names[method]} are not allowed on this repository.`);
  const found = await at.host.assess(project, pull);
  if (found.isConflicting) refuse(405, 'Pull Request is not mergeable');
  refuseByRules(project, found);
  const landing = await landingOf(at, project, pull, { method, title, message, by: call.user });
  const deletesBranch = project.rules.deletesBranchAfterMerge;
  const answer = await at.host.land(project, pull, { landing, by: call.user, deletesBranch });
  if (answer === 'conflict') refuse(405, "This branch can't be rebased");
  if (answer === 'moved') refuse(405, 'Base branch was modified. Review and try the merge again.');
  return pull.merged?.commit ?? '';
}

const names: Record<MergeMethod, string> = {
  merge: 'Merge commits',
  squash: 'Squash merges',
  rebase: 'Rebase merges',
};

function refuseByRules({ rules }: Project, found: Assessment): void {
  if (found.unmet.length > 0) refuse(405, spellUnmet(rules.requiredChecks.length, found.unmet));
  if (found.missingReviews > 0) {
    const many = rules.requiredReviews === 1 ? 'approving review is' : 'approving reviews are';
    refuse(405, `At least ${rules.requiredReviews} ${many} required by reviewers with write access.`);
  }
  if (rules.mustBeUpToDate && found.isBehind) {
    refuse(409, 'Head branch is out of date. Review and try the merge again.');
  }
}

const states = { expected: 'expected', pending: 'in progress', failed: 'failing' } as const;

/** One required check by its name; of several only how many. */
function spellUnmet(required: number, unmet: Assessment['unmet']): string {
  const [first] = unmet;
  if (first && required === 1) return `Required status check "${first.name}" is ${states[first.is]}.`;
  const counts = (['expected', 'pending', 'failed'] as const)
    .map((state) => ({ state, count: unmet.filter(({ is }) => is === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${count} ${states[state]}`);
  return `${unmet.length} of ${required} required status checks have not succeeded: ${counts.join(' and ')}.`;
}

/** The messages that GitHub uses if the request says none. */
export async function landingOf(
  { host }: Surroundings,
  project: Project,
  pull: Pull,
  { method, title, message, by }: MergeWish,
): Promise<Landing> {
  const [owner = ''] = project.name.split('/');
  const commits = await host.commits(project, pull);
  const [only] = commits;
  const isSingle = commits.length === 1 && only !== undefined;
  const [subject = '', ...rest] = (only?.message ?? '').split('\n');
  const all = commits.map((commit) => `* ${commit.message}`).join('\n\n');
  const squashTitle = `${isSingle ? subject : pull.title} (#${pull.number})`;
  const squashBody = isSingle ? rest.join('\n').trim() : all;
  return {
    style: method,
    mergeMessage: text(title ?? `Merge pull request #${pull.number} from ${owner}/${pull.head}`, message ?? pull.title),
    squashMessage: text(title ?? squashTitle, message ?? squashBody),
    by: authorOf(by),
    ...(method !== 'rebase' && { committer: { name: 'GitHub', email: 'noreply@github.com' } }),
  };
}

function text(title: string, body: string): string {
  return body ? `${title}\n\n${body}` : title;
}
