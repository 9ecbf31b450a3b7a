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

/** `lines` is text of ours, such as lines to add to a file. It follows the message unchanged. */
export function refuse(reason: Refusal['reason'], message: string, lines?: string): Refusal {
  // The message may quote servers and files, and it is published and logged.
  const clean = sanitizeLine(message, 2_000);
  return { is: 'refused', reason, message: lines === undefined ? clean : `${clean}\n${lines}` };
}
