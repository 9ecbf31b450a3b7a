import { unreachable } from '@k8sta/text';
import type { Job } from './worker/protocol.js';

/**
 * What waits for a job, the most urgent first: a question that the mirror can answer, a commit, a question that may need a
 * fetch, an inspection.
 */
export const urgencies = ['lookUp', 'commit', 'question', 'inspection'] as const;
export type Urgency = (typeof urgencies)[number];

export function urgencyOf({ op }: Pick<Job, 'op'>): Urgency {
  switch (op) {
    case 'lookUp':
      return 'lookUp';
    case 'plan':
    case 'push':
    case 'look':
    case 'propose':
    case 'drop':
      return 'commit';
    case 'relation':
      return 'question';
    case 'inspect':
      return 'inspection';
    default:
      return unreachable('job', op);
  }
}

/** Whether `urgency` is as urgent as `other`, or less. */
export function isAtMost(urgency: Urgency, other: Urgency): boolean {
  return urgencies.indexOf(urgency) >= urgencies.indexOf(other);
}
