import type { Job } from './worker/protocol.js';

/** What waits for a job, the most urgent first: a commit, a question about history, a mere look. */
export const urgencies = ['commit', 'question', 'inspection'] as const;
export type Urgency = (typeof urgencies)[number];

export function urgencyOf({ op }: Pick<Job, 'op'>): Urgency {
  switch (op) {
    case 'plan':
    case 'push':
      return 'commit';
    case 'relation':
      return 'question';
    case 'inspect':
      return 'inspection';
    default:
      throw new TypeError(`unknown job: ${op satisfies never}`);
  }
}

/** Whether `urgency` is as urgent as `other`, or less. */
export function isAtMost(urgency: Urgency, other: Urgency): boolean {
  return urgencies.indexOf(urgency) >= urgencies.indexOf(other);
}
