import type { DataOf, PromotedApplication, ProposalValues } from '@k8sta/contracts';
import { TextTemplate } from '@k8sta/text';
import {
  commitMessage,
  linkOf,
  type MessageStyle,
  paragraphs,
  subjectOf,
  trailersOf,
  valuesOf,
} from '../commit-message.js';
import type { Part } from '../part.js';
import { defaultBody } from './body.js';

type Request = DataOf<'promotion.requested'>;

/** The text of a pull request, and what is wrong with the templates. */
export interface ProposalText {
  readonly title: string;
  readonly body: string;
  readonly notes: readonly string[];
}

const maxTitle = 250;

/** Title and body: what the templates of the tracks file say, or ours. The trailers are the last paragraph of the body. */
export function proposalText(
  request: Request,
  part: Part,
  edited: readonly PromotedApplication[],
  style: MessageStyle = {},
): ProposalText {
  const { title, body } = request.write?.pullRequest ?? {};
  const link = linkOf(part, edited, style);
  const text = defaultBody(request, edited, link);
  const arrivals = (request.arrivals ?? []).map(({ station, arrivedAt }) => ({ station, arrivedAt }));
  const applications = edited.flatMap(({ namespace, name, file, outcome }) =>
    file !== undefined && outcome === 'edited' ? [{ namespace, name, file }] : [],
  );
  const values: ProposalValues = { ...valuesOf(part, edited), link, text, arrivals, applications };
  const notes: string[] = [];
  const rendered = (name: string, template: string | undefined) => {
    if (template === undefined) return '';
    const text = paragraphs(render(template, values) ?? '');
    if (text === '')
      notes.push(`the template of the ${name} cannot be used, so the pull request has the default ${name}`);
    return text;
  };
  const [firstLine = ''] = rendered('title', title).split('\n');
  const said = rendered('body', body) || text;
  return {
    title: (firstLine || subjectOf(part)).slice(0, maxTitle),
    body: `${said}\n\n${trailersOf(part)}\n`,
    notes,
  };
}

/** The message of a merge or of a squashed commit: that of our commit, with the number of the pull request as forges have it. */
export function mergeText(
  part: Part,
  edited: readonly PromotedApplication[],
  number: number,
  style: MessageStyle = {},
): { readonly title: string; readonly message: string } {
  const [title = '', ...rest] = commitMessage(part, edited, style).split('\n');
  return { title: `${title.slice(0, maxTitle)} (#${number})`, message: rest.join('\n').trim() };
}

function render(template: string, values: ProposalValues): string | undefined {
  try {
    return TextTemplate.of<ProposalValues>(template).render(values);
  } catch {
    // It cannot be parsed: the tracks file was checked by an older version, or not at all.
    return undefined;
  }
}
