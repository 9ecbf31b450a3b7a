import type { AnyUnwrapped } from '@k8sta/bus';
import { sanitizeLine } from '@k8sta/text';

/** Describes an event in one line for a person; undefined for an event that is only noise to a person who watches a ride. */
export function describeEvent(event: AnyUnwrapped): string | undefined {
  const words = wordsFor(event);
  return words === undefined ? undefined : `${event.type.padEnd(20)} ${sanitizeLine(words)}`;
}

function wordsFor({ type, data }: AnyUnwrapped): string | undefined {
  switch (type) {
    case 'ticket.opened':
      return `${data.track}: Ticket ${data.ticket} for ${data.image.repository}:${data.image.tag}`;
    case 'ticket.waiting':
      return `${data.image.tag} ${data.next ? `for ${data.track}/${data.next}` : `at ${data.track}/${data.at}`}, on ${data.on}: ${data.message}`;
    case 'ticket.promoting':
      return `${data.image.tag} into ${data.track}/${data.station}`;
    case 'ticket.syncing':
      return `${data.image.tag} at ${data.track}/${data.station}: ${data.message}`;
    case 'ticket.arrived':
      return `${data.image.tag} at ${data.track}/${data.station}`;
    case 'ticket.completed':
      return `${data.image.tag} after the last Station of ${data.track}`;
    case 'ticket.failed':
      return `${data.image.tag}: ${data.reason}: ${data.message}`;
    case 'ticket.rollingBack':
      return `${data.track}/${data.station} goes back to ${data.to}: ${data.message}`;
    case 'ticket.superseded':
    case 'ticket.cancelled':
      return `${data.image.tag}: ${data.message}`;
    case 'check.requested':
      return `${data.name} of ${data.track}/${data.of}, for ${data.station}, until ${data.until}`;
    case 'operator.word':
      return `${data.by}: ${data.verb}${data.message ? `: ${data.message}` : ''}`;
    case 'promotion.committed': {
      const { track, station, commit, revision, applications } = data;
      return `${track}/${station}: ${(commit ?? revision).slice(0, 8)} for ${applications.map(({ name }) => name).join(', ')}`;
    }
    case 'promotion.delayed':
      return `${data.track}/${data.station}: ${data.message}`;
    case 'promotion.proposed':
      return `${data.track}/${data.station}: ${data.url}`;
    case 'promotion.failed':
      return `${data.track}/${data.station}: ${data.reason}: ${data.message}`;
    case 'application.observed': {
      const { name, sync, health, operation, operationPending } = data;
      const at = sync.revisions[0]?.slice(0, 8) ?? 'no revision';
      return `${name}: ${sync.status} at ${at}, ${health.status}${operationPending ? `, sync ${operation?.phase ?? 'requested'}` : ''}`;
    }
    case 'dead.letter':
      return `${data.service}: ${data.message}: ${data.cause}`;
    default:
      return undefined;
  }
}
