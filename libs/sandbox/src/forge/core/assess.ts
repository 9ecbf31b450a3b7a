import { commitTree, isAncestor, mergeTree, tipOf } from './git-merge.js';
import type { Project, Pull, Report } from './model.js';

/** What the forge knows about an open pull request and its base. */
export interface Assessment {
  readonly base: string;
  readonly head: string;
  readonly isConflicting: boolean;
  readonly isBehind: boolean;
  /** Names of required checks that were not reported, are pending, or failed. */
  readonly missingChecks: readonly string[];
  readonly failedChecks: readonly string[];
  readonly missingReviews: number;
  readonly changesRequested: boolean;
  /** A reported check that is not required failed or is pending. */
  readonly isUnstable: boolean;
  /** The merge that the forge makes to find out; it is on no branch. */
  readonly testMerge?: string;
}

const tester = { name: 'Forge', email: 'noreply@forge.example.com' };

export async function assess(project: Project, pull: Pull): Promise<Assessment> {
  const { directory } = project.repository;
  const base = (await tipOf(directory, pull.base)) ?? '';
  const head = pull.commit;
  const tree = base ? await mergeTree(directory, base, head) : undefined;
  const message = `Merge ${head} into ${base}`;
  const at = { authoredAt: pull.createdAt, author: tester, committer: tester };
  const testMerge = tree && (await commitTree(directory, { tree, parents: [base, head], message, ...at }));
  return {
    base,
    head,
    isConflicting: !tree,
    isBehind: base !== '' && !(await isAncestor(directory, base, head)),
    ...rulesOf(project, pull),
    ...(testMerge && { testMerge }),
  };
}

function rulesOf({ rules, reports }: Project, pull: Pull) {
  const latest = latestReports(reports, pull.commit);
  const stateOf = (name: string) => latest.find((report) => report.name === name)?.state;
  const reviews = new Map(pull.reviews.map((review) => [review.by, review.state]));
  const approvals = [...reviews.values()].filter((state) => state === 'approved').length;
  return {
    missingChecks: rules.requiredChecks.filter((name) => stateOf(name) !== 'success'),
    failedChecks: rules.requiredChecks.filter((name) => stateOf(name) === 'failure'),
    missingReviews: Math.max(0, rules.requiredReviews - approvals),
    changesRequested: [...reviews.values()].includes('changesRequested'),
    isUnstable: latest.some((report) => report.state !== 'success'),
  };
}

/** The last report of each name and kind for a commit, oldest first. */
export function latestReports(reports: readonly Report[], commit: string): Report[] {
  const latest = new Map<string, Report>();
  for (const report of reports.filter((report) => report.commit === commit)) {
    latest.delete(`${report.kind} ${report.name}`);
    latest.set(`${report.kind} ${report.name}`, report);
  }
  return [...latest.values()];
}
