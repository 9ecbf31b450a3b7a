import { AsyncLocalStorage } from 'node:async_hooks';
import {
  formatTraceparent,
  parseTraceparent,
  type Span,
  type SpanAttributes,
  type SpanStart,
  type Tracing,
} from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import {
  type Context,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
} as const satisfies Record<SpanStart['kind'], SpanKind>;

/** The longest text that a span carries, in characters. */
export const longestText = 256;

/** Traces with OpenTelemetry. */
export function tracingBy(tracer: Pick<Tracer, 'startSpan'>): Tracing {
  const current = new AsyncLocalStorage<OtelSpan>();

  const begin = ({ name, kind, parent, isRoot = false, startedAt, attributes = {} }: SpanStart) => {
    const context = contextOf(parent, current.getStore());
    if (context === undefined && !isRoot) return undefined;
    const options = { kind: kinds[kind], attributes: given(attributes), ...(startedAt && { startTime: startedAt }) };
    return tracer.startSpan(name, options, context ?? ROOT_CONTEXT);
  };
  return {
    start(start) {
      const span = begin(start);
      return span && spanOf(span);
    },
    async span(start, work) {
      const started = begin(start);
      if (!started) return work(undefined);
      const span = spanOf(started);
      try {
        return await current.run(started, () => work(span));
      } catch (error) {
        span.failed(error instanceof Error ? error.message : String(error));
        throw error;
      } finally {
        span.end();
      }
    },
    current() {
      const span = current.getStore();
      return span && formatTraceparent(span.spanContext());
    },
  };
}

/**
 * The current span, unless the cause is in another trace: work on a message may publish about another Ticket. Undefined
 * without either.
 */
function contextOf(parent: string | undefined, current: OtelSpan | undefined): Context | undefined {
  const cause = parseTraceparent(parent);
  if (current && (!cause || cause.traceId === current.spanContext().traceId)) {
    return trace.setSpan(ROOT_CONTEXT, current);
  }
  return cause && trace.setSpanContext(ROOT_CONTEXT, { ...cause, isRemote: true });
}

function spanOf(span: OtelSpan): Span {
  return {
    traceparent: formatTraceparent(span.spanContext()),
    set: (attributes) => void span.setAttributes(given(attributes)),
    failed: (message) =>
      void span.setStatus({ code: SpanStatusCode.ERROR, message: sanitizeLine(message, longestText) }),
    end: () => span.end(),
  };
}

function given(attributes: SpanAttributes): Record<string, string | number> {
  const entries = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === 'string' ? sanitizeLine(value, longestText) : value] as const],
  );
  return Object.fromEntries(entries);
}
