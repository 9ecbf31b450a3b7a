import { sanitizeLine } from '@k8sta/text';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Logger } from '../logger.js';

/** Logs once when exports begin to fail, and once when they work again. */
export function loggedExporter(exporter: SpanExporter, log: Pick<Logger, 'warn' | 'info'>): SpanExporter {
  let isFailing = false;
  return {
    export(spans, onResult) {
      exporter.export(spans, (result) => {
        const { error } = result;
        if (error && !isFailing)
          log.warn({ message: sanitizeLine(error.message) }, 'traces cannot be exported, dropping them');
        if (!error && isFailing) log.info('traces are exported again');
        isFailing = error !== undefined;
        onResult(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}
