import { tipOf } from '../../git/refs.js';
import { isAncestor, mergeTree } from './git-merge.js';
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
  /** A reported check that is not required failed or is pending. */
  readonly isUnstable: boolean;
}

export async function assess(project: Project, pull: Pull): Promise<Assessment> {
  const { directory } = project.repository;
  const { commit: head } = pull;
  const base = (await tipOf(directory, pull.base)) ?? '';
  const isConflicting = base === '' || !(await mergeTree(directory, base, head));
  const isBehind = base !== '' && !(await isAncestor(directory, base, head));
  return { base, head, isConflicting, isBehind, ...rulesOf(project, pull) };
}

function rulesOf({ rules, reports }: Project, pull: Pull) {
  const latest = latestReports(reports, pull.commit);
  const stateOf = (name: string) => latest.find((report) => report.name === name)?.state;
  const approvals = new Set(pull.approvals.map(({ by }) => by)).size;
  return {
    unmet: rules.requiredChecks
      .filter((name) => stateOf(name) !== 'success')
      .map((name) => ({ name, is: unmetStates[stateOf(name) ?? 'success'] })),
    missingReviews: Math.max(0, rules.requiredReviews - approvals),
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
