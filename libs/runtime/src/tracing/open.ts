/** The only file that loads the SDK of OpenTelemetry: a service imports it when it is to export traces. */
import type { Tracing } from '@k8sta/contracts';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Logger } from '../logger.js';
import { loggedExporter } from './logged-exporter.js';
import { longestText, tracingBy } from './tracing.js';

export interface OpenTracingOptions {
  readonly service: string;
  /** The whole address, with its path. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly log: Pick<Logger, 'warn' | 'info'>;
}

/** How long the receiver may take to answer a request, in milliseconds. */
const timeoutMillis = 5_000;

/** Exports spans in batches. What the receiver does not take in time is dropped: traces never hold up a Ticket. */
export function openTracing({ service, url, headers, log }: OpenTracingOptions): {
  tracing: Tracing;
  close(): Promise<void>;
} {
  const ours = resourceFromAttributes({ 'service.name': service, 'service.namespace': 'k8sta' });
  const exporter = loggedExporter(new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis }), log);
  const provider = new BasicTracerProvider({
    // OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME win.
    resource: ours.merge(detectResources({ detectors: [envDetector] })),
    spanLimits: { attributeCountLimit: 32, attributeValueLengthLimit: longestText },
    // OTEL_BSP_* set its delays and sizes, and OTEL_TRACES_SAMPLER the sampler of the provider.
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  return { tracing: tracingBy(provider.getTracer('k8sta')), close: () => provider.shutdown() };
}
