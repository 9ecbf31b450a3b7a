import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { serveHttp } from './http-server.js';
import { until } from './until.js';

const attribute = z.object({
  key: z.string(),
  value: z.union([
    z.object({ stringValue: z.string() }).transform((value) => value.stringValue),
    z.object({ intValue: z.coerce.number() }).transform((value) => value.intValue),
    z.object({ doubleValue: z.number() }).transform((value) => value.doubleValue),
  ]),
});

/** OTLP/HTTP with JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding. */
const exported = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(attribute) }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: z.string().regex(/^[0-9a-f]{32}$/),
              spanId: z.string().regex(/^[0-9a-f]{16}$/),
              parentSpanId: z.string().optional(),
              name: z.string(),
              startTimeUnixNano: z.coerce.bigint(),
              endTimeUnixNano: z.coerce.bigint(),
              attributes: z.array(attribute),
              status: z.object({ code: z.number().optional(), message: z.string().optional() }),
            }),
          ),
        }),
      ),
    }),
  ),
});

/** A span as a receiver sees it. */
export interface ReceivedSpan {
  /** The `service.name` of its resource. */
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Absent for the first span of a trace. */
  readonly parentSpanId: string | undefined;
  /** In milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly isFailed: boolean;
}

/** A receiver of traces, such as the OpenTelemetry Collector. */
export interface OtlpReceiver {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** The bodies, as they came. */
  readonly bodies: readonly string[];
  /** The header of this name of each request. */
  header(name: string): readonly (string | undefined)[];
  /** Answers with this status from now on. */
  answerWith(status: number): void;
  /** Resolves with the first such span, past or future. */
  span(is: (span: ReceivedSpan) => boolean, what: string): Promise<ReceivedSpan>;
  stop(): Promise<void>;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const bodies: string[] = [];
  const headers: Record<string, string | string[] | undefined>[] = [];
  let status = 200;
  const { url, stop } = await serveHttp(async (request, response) => {
    const body = await text(request);
    if (request.url !== '/v1/traces' || request.method !== 'POST') return response.writeHead(404).end();
    headers.push(request.headers);
    if (status === 200) {
      bodies.push(body);
      spans.push(...spansOf(body));
    }
    return response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  return {
    url,
    spans,
    bodies,
    header: (name) => headers.map((each) => each[name]?.toString()),
    answerWith(next) {
      status = next;
    },
    span: (is, what) => until(async () => spans.find(is), { what, deadlineMs: 20_000 }),
    stop,
  };
}

function spansOf(body: string): ReceivedSpan[] {
  return exported.parse(JSON.parse(body)).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource.attributes)['service.name']);
    return scopeSpans
      .flatMap((scope) => scope.spans)
      .map(({ name, traceId, spanId, parentSpanId, startTimeUnixNano, endTimeUnixNano, attributes, status }) => ({
        ...{ service, name, traceId, spanId, parentSpanId },
        startedAt: Number(startTimeUnixNano / 1_000n) / 1_000,
        endedAt: Number(endTimeUnixNano / 1_000n) / 1_000,
        attributes: valuesOf(attributes),
        isFailed: status.code === 2,
      }));
  });
}

function valuesOf(attributes: readonly z.infer<typeof attribute>[]): Record<string, string | number> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value]));
}
