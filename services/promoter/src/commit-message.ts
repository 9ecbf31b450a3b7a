import { formatImage, type ImageRef } from '@k8sta/contracts';

/** The trailer that names the promotion part of a commit. The promoter finds its own commits by it. */
const promotionTrailer = 'K8sTA-Promotion';

export interface Promoted {
  readonly id: string;
  readonly ticket: string;
  readonly track: string;
  readonly station: string;
  readonly applications: readonly { readonly image: ImageRef }[];
}

/** The message of the commit of a promotion part. */
export function commitMessage(part: Promoted): string {
  const images = [...new Set(part.applications.map(({ image }) => formatForSubject(image)))];
  return [
    `${part.track}/${part.station}: ${images.join(', ')}`,
    '',
    `K8sTA-Ticket: ${part.ticket}`,
    `K8sTA-Track: ${part.track}`,
    `K8sTA-Station: ${part.station}`,
    `${promotionTrailer}: ${part.id}`,
    '',
  ]
    .map((line) => line.replaceAll(/\p{C}/gu, ' '))
    .join('\n');
}

/** The promotion part that the trailer of a commit names; undefined for commits of others. */
export function promotionOf(message: string): string | undefined {
  // Only the last paragraph has trailers (git-interpret-trailers(1)); a quotation further up does not count.
  const last =
    message
      .trimEnd()
      .split(/\n\s*\n/)
      .at(-1) ?? '';
  const line = last.split('\n').find((each) => each.startsWith(`${promotionTrailer}: `));
  return line?.slice(promotionTrailer.length + 2).trim();
}

function formatForSubject(image: ImageRef): string {
  return formatImage(image).replace(/:([^:/]*)$/, ' $1');
}
