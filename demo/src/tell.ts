import { unwrap } from '@k8sta/bus';
import { type EventType, envelopeSchema } from '@k8sta/contracts';

/** One event of the tap as a line a person reads; undefined for what is only noise to somebody who watches a ride. */
export function tellEvent(payload: string): string | undefined {
  const type = envelopeSchema.parse(JSON.parse(payload)).type as EventType;
  const words = describe(type, payload);
  return words === undefined ? undefined : `${type.padEnd(20)} ${words}`;
}

function describe(type: EventType, payload: string): string | undefined {
  const of = <Type extends EventType>(wanted: Type) => {
    const read = unwrap(wanted, payload);
    if ('fault' in read) throw new Error(read.fault.cause);
    return read.event.data;
  };
  switch (type) {
    case 'ticket.opened': {
      const { track, ticket, image } = of(type);
      return `${track}: Ticket ${ticket} for ${image.repository}:${image.tag}`;
    }
    case 'ticket.waiting': {
      const { next, on, reason } = of(type);
      return `for ${next}, on ${on}: ${reason}`;
    }
    case 'ticket.promoting':
      return `into ${of(type).station}`;
    case 'ticket.syncing': {
      const { station, reason } = of(type);
      return `${station}: ${reason}`;
    }
    case 'ticket.arrived':
      return `at ${of(type).station}`;
    case 'ticket.completed':
      return `after ${of(type).stations.length} Stations`;
    case 'ticket.failed': {
      const { failure, reason } = of(type);
      return `${failure}: ${reason}`;
    }
    case 'ticket.superseded':
      return of(type).reason;
    case 'promotion.committed': {
      const { station, commit, revision, applications } = of(type);
      return `${station}: ${(commit ?? revision).slice(0, 8)} for ${applications.map(({ name }) => name).join(', ')}`;
    }
    case 'promotion.failed': {
      const { station, failure, reason } = of(type);
      return `${station}: ${failure}: ${reason}`;
    }
    case 'application.observed': {
      const { name, sync, health, operation, operationPending } = of(type);
      const at = sync.revisions[0]?.slice(0, 8) ?? 'no revision';
      return `${name}: ${sync.status} at ${at}, ${health.status}${operationPending ? `, sync ${operation?.phase ?? 'asked for'}` : ''}`;
    }
    case 'dead.letter': {
      const { service, reason, cause } = of(type);
      return `${service}: ${reason}: ${cause}`;
    }
    default:
      return undefined;
  }
}
