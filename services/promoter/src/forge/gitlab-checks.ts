import { z } from 'zod';
import type { Check } from './checks.js';

/** https://docs.gitlab.com/api/commits/#list-the-statuses-of-a-commit */
const statusSchema = z.looseObject({
  name: z.string().max(1_000),
  status: z.string().max(100),
  allow_failure: z.boolean().nullish(),
});
export const statusesSchema = z.array(statusSchema).max(1_000);

/** Undefined for a job that nobody has to start, and for a failure that is allowed: neither says anything. */
export function stateOfStatus({ name, status, allow_failure }: z.infer<typeof statusSchema>): Check | undefined {
  switch (status) {
    case 'success':
    case 'skipped':
      return { name, state: 'passed' };
    case 'failed':
    case 'canceled':
      return allow_failure ? undefined : { name, state: 'failed' };
    case 'manual':
      return allow_failure ? undefined : { name, state: 'pending' };
    default:
      return { name, state: 'pending' };
  }
}
