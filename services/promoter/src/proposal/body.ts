import type { DataOf, PromotedApplication } from '@k8sta/contracts';
import { formatImage, tryParseImage } from '@k8sta/contracts';
import { compareLink } from './compare-link.js';
import { code } from './markdown.js';

type Request = DataOf<'promotion.requested'>;

/** More rows help no reviewer, and forges bound the body. */
const maxRows = 30;

/** What a reviewer sees, without the trailers: what changes, where it runs already, and what the merge does. */
export function defaultBody(request: Request, edited: readonly PromotedApplication[], link: string): string {
  const paragraphs = [
    opening(request),
    images(request, edited),
    arrivals(request),
    diff(edited),
    afterwards(request),
    link === '' ? '' : `[The Ticket](${link})`,
  ];
  return paragraphs.filter((each) => each !== '').join('\n\n');
}

function opening({ kind, track, station }: Request): string {
  const where = `Station ${code(station)} of Track ${code(track)}`;
  return kind === 'rollback' ? `Takes ${where} back to the image that ran there before.` : `Promotes ${where}.`;
}

function images({ applications }: Request, edited: readonly PromotedApplication[]): string {
  const distinct = [...new Map(applications.map(({ image }) => [formatImage(image), image])).values()];
  const rows = distinct.slice(0, maxRows).map((image) => {
    const before = tagsBefore(image.repository, edited);
    const link = before.length === 1 && before[0] !== undefined ? compareLink(image, before[0]) : undefined;
    const from = before.map((each) => code(each, 128)).join(', ') || 'unknown';
    return `| ${code(image.repository, 512)} | ${from} | ${code(image.tag, 128)} | ${link ? `[compare](${link})` : ''} |`;
  });
  return ['| Image | From | To | |', '|---|---|---|---|', ...rows].join('\n');
}

function tagsBefore(repository: string, edited: readonly PromotedApplication[]): string[] {
  const tags = edited.flatMap(({ before = '' }) => {
    const image = tryParseImage(before);
    return image && (image.repository === repository || edited.length === 1) && image.tag ? [image.tag] : [];
  });
  return [...new Set(tags)].slice(0, 3);
}

function arrivals({ arrivals = [] }: Request): string {
  if (arrivals.length === 0) return '';
  const list = arrivals.slice(0, maxRows).map(({ station, arrivedAt }) => {
    return `${code(station)} since ${arrivedAt.slice(0, 16).replace('T', ' ')} UTC`;
  });
  return `Runs already at ${list.join(', ')}.`;
}

function diff(edited: readonly PromotedApplication[]): string {
  const byFile = new Map<string, string[]>();
  for (const { file, name, outcome } of edited) {
    if (file !== undefined && outcome === 'edited') byFile.set(file, [...(byFile.get(file) ?? []), name]);
  }
  const files = [...byFile].slice(0, maxRows).map(([file, names]) => {
    return `${code(file)} (${[...new Set(names)]
      .slice(0, 5)
      .map((each) => code(each))
      .join(', ')})`;
  });
  return files.length === 0 ? '' : `The commit changes only the image in ${files.join(', ')}.`;
}

function afterwards({ write }: Request): string {
  const merge = {
    byPeople: 'K8sTA leaves the merge to you.',
    auto: 'K8sTA merges this as soon as the rules of the branch permit it.',
    whenChecksPass: 'K8sTA merges this once every check has passed.',
  }[write?.pullRequest?.merge ?? 'byPeople'];
  return `${merge} After the merge, Argo CD deploys the commit, and K8sTA waits until the image has arrived. To stop the Ticket here, close this without a merge.`;
}
