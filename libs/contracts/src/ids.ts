import { createHash } from 'node:crypto';

/** The change that a Ticket is about: a normalised image repository and a tag, with its digest if known. */
export interface ImageRef {
  repository: string;
  tag: string;
  digest?: string | undefined;
}

/**
 * A Ticket's id: the same change on the same Track is the same Ticket, however often its webhook arrives. A push that
 * comes after that Ticket has failed or was superseded is its next attempt; attempts count from 1.
 */
export function ticketId(track: string, image: ImageRef, attempt = 1): string {
  const parts = [track, image.repository, image.tag, image.digest ?? '', ...(attempt > 1 ? [attempt] : [])];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}

/** One Ticket moving into one Station: the attempt counts from 1, a rollback is an attempt of its own. */
export function promotionId(ticket: string, station: string, attempt: number): string {
  return `${ticket}/${station}/${attempt}`;
}

/** The promotion's part as the `K8sTA-Promotion` trailer names it. It is searched for in `base..tip`, so it never changes. */
export function partId(promotion: string, part: number): string {
  return `${promotion}/${part}`;
}

/** `repository:tag`, as people write it. */
export function formatImage(image: ImageRef): string {
  return `${image.repository}:${image.tag}`;
}
