import {
  type CommitValues,
  formatImage,
  type ImageRef,
  type PromotedApplication,
  tryParseImage,
} from '@k8sta/contracts';
import { TextTemplate } from '@k8sta/text';

/** The trailer that names the promotion part of a commit. The promoter finds its own commits by it. */
const promotionTrailer = 'K8sTA-Promotion';

export interface Promoted {
  readonly kind?: 'rollback' | undefined;
  readonly id: string;
  readonly ticket: string;
  readonly track: string;
  readonly station: string;
  readonly applications: readonly { readonly image: ImageRef }[];
}

/** How an operator wants the messages. Both are Liquid templates. */
export interface MessageStyle {
  readonly template?: string | undefined;
  readonly link?: string | undefined;
}

/**
 * The message of the commit of a promotion part: what the template says, or else one line, and always the trailers.
 * `edited` says what the files named before.
 */
export function commitMessage(
  part: Promoted,
  edited: readonly PromotedApplication[] = [],
  { template, link }: MessageStyle = {},
): string {
  const values = { ...valuesOf(part, edited), link: linkOf(part, edited, { link }) };
  const said =
    template === undefined ? undefined : paragraphs(TextTemplate.of<CommitValues>(template).render(values) ?? '');
  return `${said || subjectOf(part)}\n\n${trailersOf(part)}\n`;
}

/** The address that leads to the Ticket; empty without a template for it. */
export function linkOf(part: Promoted, edited: readonly PromotedApplication[], { link }: MessageStyle): string {
  return link === undefined ? '' : oneLine(TextTemplate.of<CommitValues>(link).render(valuesOf(part, edited)) ?? '');
}

/** The last paragraph of our messages. */
export function trailersOf({ ticket, track, station, id }: Promoted): string {
  return [`K8sTA-Ticket: ${ticket}`, `K8sTA-Track: ${track}`, `K8sTA-Station: ${station}`, `${promotionTrailer}: ${id}`]
    .map(oneLine)
    .join('\n');
}

/** The promotion part that the trailer of a commit names; undefined for commits of others. */
export function promotionOf(message: string): string | undefined {
  // Only the last paragraph has trailers, and nothing else (git-interpret-trailers(1)); a quotation does not count.
  const [last = '', ...above] = message
    .trimEnd()
    .split(/\n\s*\n/)
    .reverse();
  const lines = last.split('\n');
  if (above.length === 0 || !lines.every((each) => trailer.test(each))) return undefined;
  return lines
    .find((each) => each.startsWith(`${promotionTrailer}: `))
    ?.slice(promotionTrailer.length + 2)
    .trim();
}

/** A trailer, its continuation, or the line that `git cherry-pick -x` adds to them. */
const trailer = /^(?:[A-Za-z0-9-]+: |\s|\(cherry picked from commit )/;

/** Whether git or a host says in the message that the commit reverts another one, or was picked from elsewhere. */
export function isCopy(message: string): boolean {
  return /^(?:This reverts (?:commit|merge request) |Reverts \S*[#!]\d|\(cherry picked from commit )/m.test(message);
}

/** What the first line is without a template. */
export function subjectOf({ kind, track, station, applications }: Promoted): string {
  const images = [...new Set(applications.map(({ image }) => formatForSubject(image)))].join(', ');
  return oneLine(kind === 'rollback' ? `Roll back ${track}/${station} to ${images}` : `${track}/${station}: ${images}`);
}

/** What a template may name. */
export function valuesOf(part: Promoted, edited: readonly PromotedApplication[]): CommitValues {
  const before = new Map(
    edited.flatMap((each) => {
      const image = 'before' in each ? tryParseImage(each.before ?? '') : undefined;
      return image ? [[image.repository, image.tag ?? ''] as const] : [];
    }),
  );
  const images = [...new Map(part.applications.map(({ image }) => [formatImage(image), image])).values()].map(
    ({ repository, tag, digest = '' }) => ({ repository, tag, digest, oldTag: before.get(repository) ?? '' }),
  );
  const { kind = 'promotion', id: promotion, ticket, track, station } = part;
  const subject = subjectOf(part);
  return { kind, promotion, ticket, track, station, images, ...(images[0] ?? noImage), link: '', subject };
}

const noImage = { repository: '', tag: '', digest: '', oldTag: '' };

function oneLine(text: string): string {
  return text.replaceAll(/\p{C}/gu, ' ').trim();
}

/** Longer messages are of no use, and hosts refuse them. */
const maxLength = 4_000;

/** Without control characters, and without white space around it: the trailers have to be the last paragraph. */
export function paragraphs(text: string): string {
  const lines = text.slice(0, maxLength).split(/\r?\n/);
  return lines
    .map((line) => line.replaceAll(/\p{C}/gu, ' ').trimEnd())
    .join('\n')
    .trim();
}

function formatForSubject(image: ImageRef): string {
  return formatImage(image).replace(/:([^:/]*)$/, ' $1');
}
