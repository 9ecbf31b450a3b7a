import { tipOf } from '../../git/refs.js';
import { commitTree, isAncestor, mergeTree } from './git-merge.js';
import type { Project, Pull, Report } from './model.js';

/** What the forge knows about an open pull request and its base. */
export interface Assessment {
  readonly base: string;
  readonly head: string;
  readonly isConflicting: boolean;
  readonly isBehind: boolean;
  /** The required checks that have not passed; `expected`: not reported yet. */
  readonly unmet: readonly { readonly name: string; readonly is: 'expected' | 'pending' | 'failed' }[];
  readonly missingReviews: number;
  readonly changesRequested: boolean;
  /** A reported check that is not required failed or is pending. */
  readonly isUnstable: boolean;
  /** The merge that the forge makes to find out; it is on no branch. */
  readonly testMerge?: string;
}

const tester = { name: 'Forge', email: 'noreply@forge.example.com' };

type Found = Pick<Assessment, 'base' | 'head' | 'isConflicting' | 'isBehind' | 'testMerge'>;

/** What git found for the last tips: it finds the same again. */
const found = new WeakMap<Pull, Found>();

export async function assess(project: Project, pull: Pull): Promise<Assessment> {
  const base = (await tipOf(project.repository.directory, pull.base)) ?? '';
  const before = found.get(pull);
  const isSame = before?.base === base && before.head === pull.commit;
  const now = isSame ? before : await tryMerge(project, pull, base);
  found.set(pull, now);
  return { ...now, ...rulesOf(project, pull) };
}

async function tryMerge(project: Project, pull: Pull, base: string): Promise<Found> {
  const { directory } = project.repository;
  const { commit: head, createdAt: authoredAt } = pull;
  if (base === '') return { base, head, isConflicting: true, isBehind: false };
  const isBehind = !(await isAncestor(directory, base, head));
  const tree = await mergeTree(directory, base, head);
  if (!tree) return { base, head, isConflicting: true, isBehind };
  const message = `Merge ${head} into ${base}`;
  const by = { author: tester, committer: tester, authoredAt };
  const testMerge = await commitTree(directory, { tree, parents: [base, head], message, ...by });
  return { base, head, isConflicting: false, isBehind, testMerge };
}

function rulesOf({ rules, reports }: Project, pull: Pull) {
  const latest = latestReports(reports, pull.commit);
  const stateOf = (name: string) => latest.find((report) => report.name === name)?.state;
  const reviews = new Map(pull.reviews.map((review) => [review.by, review.state]));
  const approvals = [...reviews.values()].filter((state) => state === 'approved').length;
  return {
    unmet: rules.requiredChecks
      .filter((name) => stateOf(name) !== 'success')
      .map((name) => ({ name, is: unmetStates[stateOf(name) ?? 'success'] })),
    missingReviews: Math.max(0, rules.requiredReviews - approvals),
    changesRequested: [...reviews.values()].includes('changesRequested'),
    isUnstable: latest.some((report) => report.state !== 'success'),
  };
}

const unmetStates = { success: 'expected', pending: 'pending', running: 'pending', failure: 'failed' } as const;

/** The last report of each name and kind for a commit, oldest first. */
export function latestReports(reports: readonly Report[], commit: string): Report[] {
  const latest = new Map<string, Report>();
  for (const report of reports.filter((report) => report.commit === commit)) {
    latest.delete(`${report.kind} ${report.name}`);
    latest.set(`${report.kind} ${report.name}`, report);
  }
  return [...latest.values()];
}
