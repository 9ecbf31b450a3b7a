import type { Tracing } from '@k8sta/contracts';
import type { RequestedPart } from './requested-part.js';

/** A span of the step for each part that it serves: the parts of a batch may belong to different traces. */
export async function traceStep<Result extends { readonly is: string }>(
  tracing: Tracing | undefined,
  name: 'plan' | 'push',
  parts: readonly RequestedPart[],
  work: () => Promise<Result[]>,
): Promise<Result[]> {
  if (!tracing) return work();
  const spans = parts.map(({ traceparent: parent, id, station }) => {
    const attributes = { 'k8sta.part': id, 'k8sta.station': station, 'k8sta.batch': parts.length };
    return tracing.start({ name, kind: 'client', parent, attributes });
  });
  try {
    const results = await work();
    spans.forEach((span, at) => {
      span?.set({ 'k8sta.outcome': results[at]?.is });
    });
    return results;
  } catch (error) {
    for (const span of spans) span?.failed(error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    for (const span of spans) span?.end();
  }
}
