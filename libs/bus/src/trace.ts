import type { BusEvent, EventType, SpanAttributes, SpanStart, Tracing } from '@k8sta/contracts';
import type { Handler, Received } from './handler.js';
import type { Outcome } from './outcome.js';

/** The header of a question that carries the trace context of the service that asks. */
export const traceHeader = 'traceparent';

/** The span of publishing an event. An event without a cause has none: an observation belongs to no Ticket. */
export function publishing(event: BusEvent): SpanStart {
  return {
    name: `publish ${event.type}`,
    kind: 'producer',
    parent: event.traceparent,
    attributes: attributesOf(event, 'send'),
  };
}

/** Handles a message within a span, if the event has a cause. What the handler publishes belongs to the span. */
export function handled<Type extends EventType>(
  tracing: Tracing,
  event: Received<Type>,
  handler: Handler<Type>,
): Promise<Outcome> {
  const { type, traceparent: parent, deliveries } = event;
  const attributes = { ...attributesOf(event, 'process'), 'k8sta.deliveries': deliveries };
  return tracing.span({ name: `process ${type}`, kind: 'consumer', parent, attributes }, async (span) => {
    const outcome = await handler(span ? { ...event, traceparent: span.traceparent } : event);
    span?.set({ 'k8sta.outcome': outcome.is });
    if (outcome.is === 'never') span?.failed(`${outcome.reason}: ${outcome.cause}`);
    return outcome;
  });
}

/** A question within a span, as the service that asks sees it, or the one that answers. */
export function questioned(kind: 'client' | 'server', subject: string, parent: string | undefined): SpanStart {
  return {
    name: `${kind === 'client' ? 'ask' : 'answer'} ${subject}`,
    kind,
    parent,
    attributes: { 'messaging.system': 'nats', 'messaging.destination.name': subject },
  };
}

/** https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/, and where in the railway it happens. */
function attributesOf(
  {
    type,
    id,
    ticketId,
    data,
  }: { readonly type: EventType; readonly id: string; readonly ticketId?: string | undefined; readonly data: object },
  operation: 'send' | 'process',
): SpanAttributes {
  const { track, station, reason } = data as { track?: unknown; station?: unknown; reason?: unknown };
  return {
    'messaging.system': 'nats',
    'messaging.operation.type': operation,
    'messaging.destination.name': type,
    'messaging.message.id': id,
    'k8sta.ticket': ticketId,
    'k8sta.track': textOf(track),
    'k8sta.station': textOf(station),
    'k8sta.reason': textOf(reason),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
