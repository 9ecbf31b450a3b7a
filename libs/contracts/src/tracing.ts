/** W3C Trace Context, version 00: https://www.w3.org/TR/trace-context/#traceparent-header. */
const traceparent = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The ids of a trace and of a span in it, and the flags. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

/** Undefined if the text, which may come from outside, is no `traceparent`. */
export function parseTraceparent(text: string | undefined): TraceContext | undefined {
  const [, traceId, spanId, flags] = (text !== undefined && traceparent.exec(text)) || [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
}

export function formatTraceparent({ traceId, spanId, traceFlags }: TraceContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** What a span says. Never a secret, a path of a webhook, or a body; a long text is cut. */
export type SpanAttributes = Readonly<Record<string, string | number | undefined>>;

export interface SpanStart {
  readonly name: string;
  readonly kind: 'server' | 'client' | 'producer' | 'consumer' | 'internal';
  /** The `traceparent` of the cause. If the current span is in the same trace, that one is the parent. */
  readonly parent: string | undefined;
  /** Whether a span without a cause starts a trace. Otherwise there is none. */
  readonly isRoot?: boolean;
  readonly startedAt?: Date;
  readonly attributes?: SpanAttributes;
}

/** A step that is being traced. */
export interface Span {
  /** For what the step causes. */
  readonly traceparent: string;
  set(attributes: SpanAttributes): void;
  failed(message: string): void;
  end(): void;
}

/** How a service traces what it does. Where traces are off, a service has none, and its calls cost nothing. */
export interface Tracing {
  /** Undefined if there is no cause: then nobody could find the span. */
  start(start: SpanStart): Span | undefined;
  /** Traces the work; spans that start during the work have this one as their parent. A rejection is a failure. */
  span<T>(start: SpanStart, work: (span: Span | undefined) => Promise<T>): Promise<T>;
  /** The `traceparent` of the current span. */
  current(): string | undefined;
}
