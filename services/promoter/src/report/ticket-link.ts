import type { DataOf } from '@k8sta/contracts';
import { TextTemplate } from '@k8sta/text';
import type { TemplateValues } from '../commit-template.js';

/** The address of the Ticket's page, by the operator's template for it; undefined without one, or if it makes no address. */
export function ticketLink(template: string | undefined, status: DataOf<'status.requested'>): string | undefined {
  if (template === undefined) return undefined;
  const { ticket, track, station, promotion, part } = status;
  const values: TemplateValues = {
    ...{ kind: 'promotion', ticket, track, station, promotion: `${promotion}/${part}` },
    // A status is about a commit, and its link about the Ticket: the images are not known here.
    ...{ images: [], repository: '', tag: '', digest: '', oldTag: '', link: '', subject: '' },
  };
  const link = TextTemplate.of<TemplateValues>(template).render(values)?.trim() ?? '';
  return URL.canParse(link) ? link : undefined;
}
