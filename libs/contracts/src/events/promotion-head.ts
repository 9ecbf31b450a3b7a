import { z } from 'zod';
import { label } from '../names.js';

/** The first fields of every event about a promotion part. */
export const promotionHead = {
  promotion: z.string().describe('Ticket/Station/attempt'),
  part: z.int().min(0).describe('the index of the part in the promotion, from 0'),
  ticket: z.string().min(1).describe("the Ticket's id"),
  track: label,
  station: label,
};

/** The tokens of `k8sta.promotion.{track}.{station}.<event>`. */
export function promotionTokens({ track, station }: { track: string; station: string }): {
  track: string;
  station: string;
} {
  return { track, station };
}

/** The tokens of an event that is addressed by its promotion part, so that one look finds it in a stream of any length. */
export function partTokens({
  track,
  station,
  promotion,
  part,
}: {
  track: string;
  station: string;
  promotion: string;
  part: number;
}) {
  const [ticket = '', , attempt = ''] = promotion.split('/');
  return { track, station, ticket, attempt, part: `${part}` };
}
