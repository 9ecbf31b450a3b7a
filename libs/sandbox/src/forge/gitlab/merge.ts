import { z } from 'zod';
import { authorOf } from '../controls.js';
import type { MergeWish, Surroundings } from '../core/dialect.js';
import type { Landing } from '../core/landing.js';
import type { Project, Pull } from '../core/model.js';
import { bodyOf, type Call, type Route } from '../http/call.js';
import { routesOf } from './at.js';
import { mergeMethod, mergeStatus, Shapes, squashOption } from './shapes.js';
import { refuse } from './words.js';

/** https://docs.gitlab.com/api/merge_requests/#merge-a-merge-request */
export function mergeRoutes(at: Surroundings): Route[] {
  const { inMergeRequest } = routesOf(at);
  const shapes = new Shapes(at);
  return [
    inMergeRequest(['PUT', '/merge', 'pulls'], async (project, pull, call) => {
      await merge(at, project, pull, call);
      return { status: 200, body: shapes.mergeRequest(project, pull, undefined) };
    }),
  ];
}

const wish = z.looseObject({
  sha: z.string().optional(),
  squash: z.boolean().optional(),
  merge_commit_message: z.string().optional(),
  squash_commit_message: z.string().optional(),
  should_remove_source_branch: z.boolean().optional(),
});

/** In the order of the real one: what cannot be merged is refused before a head that moved. */
async function merge({ host }: Surroundings, project: Project, pull: Pull, call: Call): Promise<void> {
  const wanted = bodyOf(call, wish);
  if (pull.state !== 'open') refuse(405, '405 Method Not Allowed');
  const found = await host.assess(project, pull);
  if (mergeStatus(project, pull, found) !== 'mergeable') refuse(405, '405 Method Not Allowed');
  if (wanted.sha !== undefined && wanted.sha !== pull.commit) {
    refuse(409, `SHA does not match HEAD of source branch: ${pull.commit}`);
  }
  const option = squashOption(project.rules);
  const squashes = option === 'always' || (option === 'default_off' && wanted.squash === true);
  const landing = landingOf(project, pull, {
    ...{ isFast: mergeMethod(project.rules) === 'ff', squashes, by: call.user },
    ...{ mergeMessage: wanted.merge_commit_message, squashMessage: wanted.squash_commit_message },
  });
  const deletesBranch = wanted.should_remove_source_branch ?? project.rules.deletesBranchAfterMerge;
  const answer = await host.land(project, pull, { landing, by: call.user, deletesBranch });
  if (answer !== 'merged') refuse(422, 'Branch cannot be merged');
}

interface Ways {
  readonly isFast: boolean;
  readonly squashes: boolean;
  readonly by: string;
  readonly mergeMessage?: string | undefined;
  readonly squashMessage?: string | undefined;
}

function landingOf(project: Project, pull: Pull, { isFast, squashes, by, ...messages }: Ways): Landing {
  const { head, base, title, number } = pull;
  const reference = `See merge request ${project.name}!${number}`;
  return {
    style: isFast ? (squashes ? 'squash' : 'fastForward') : squashes ? 'squashAndMerge' : 'merge',
    mergeMessage: messages.mergeMessage ?? `Merge branch '${head}' into '${base}'\n\n${title}\n\n${reference}`,
    squashMessage: messages.squashMessage ?? title,
    keepsSingle: true,
    by: authorOf(by),
  };
}

/** What a person does on the page: `rebase` is the button Rebase and then a merge by fast-forward. */
export function landingByPerson(project: Project, pull: Pull, { method, by }: MergeWish): Landing {
  const isFast = mergeMethod(project.rules) === 'ff';
  const landing = landingOf(project, pull, { isFast, squashes: method === 'squash', by });
  return method === 'rebase' ? { ...landing, style: 'rebaseIfBehind' } : landing;
}
