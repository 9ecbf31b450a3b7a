import { type ImageRef, spellImage } from '@k8sta/contracts';

/** The trailer that says which part of which promotion a commit was made for. It is how a commit of ours is found again. */
const promotionTrailer = 'K8sTA-Promotion';

export interface Promoted {
  readonly id: string;
  readonly ticket: string;
  readonly track: string;
  readonly station: string;
  readonly applications: readonly { readonly image: ImageRef }[];
}

/** The message of the one commit of a promotion part. */
export function commitMessage(part: Promoted): string {
  const images = [...new Set(part.applications.map(({ image }) => spellForSubject(image)))];
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

/** The part a commit was made for, by its trailer; undefined for commits of anybody else. */
export function promotionOf(message: string): string | undefined {
  // Trailers stand in the last paragraph (git-interpret-trailers(1)); a quotation further up is none.
  const last =
    message
      .trimEnd()
      .split(/\n\s*\n/)
      .at(-1) ?? '';
  const line = last.split('\n').find((each) => each.startsWith(`${promotionTrailer}: `));
  return line?.slice(promotionTrailer.length + 2).trim();
}

function spellForSubject(image: ImageRef): string {
  return spellImage(image).replace(/:([^:/]*)$/, ' $1');
}
