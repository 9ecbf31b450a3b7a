import { commitSha, promotionFailure } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { z } from 'zod';

/** An expected refusal: why nothing is committed. */
export const refusalSchema = z.object({
  is: z.literal('refused'),
  reason: promotionFailure,
  message: z.string(),
  commit: commitSha.optional(),
  author: z.string().optional(),
});
export type Refusal = z.infer<typeof refusalSchema>;

export function refuse(reason: Refusal['reason'], message: string): Refusal {
  // The message may quote servers and files, and it is published and logged.
  return { is: 'refused', reason, message: sanitizeLine(message, 2_000) };
}
