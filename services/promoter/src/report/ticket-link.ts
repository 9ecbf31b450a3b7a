import { type DataOf, partId } from '@k8sta/contracts';
import { webAddress } from '@k8sta/text';
import { linkOf } from '../commit-message.js';

/**
 * The address of the Ticket's page, by the operator's template for it. Undefined without one, or if it makes no address of a
 * web page: a forge would refuse the status.
 */
export function ticketLink(template: string | undefined, status: DataOf<'status.requested'>): string | undefined {
  const { ticket, track, station, promotion, part } = status;
  // A status is about a commit, and its link about the Ticket: the images are not known here.
  const promoted = { id: partId(promotion, part), ticket, track, station, applications: [] };
  return webAddress(linkOf(promoted, [], { link: template }));
}
