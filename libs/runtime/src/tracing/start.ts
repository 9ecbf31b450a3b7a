import { readFile } from 'node:fs/promises';
import type { Tracing } from '@k8sta/contracts';
import { ConfigError, type ConfigOf, type tracingOptions } from '../config.js';
import type { Lifecycle } from '../lifecycle.js';
import type { Logger } from '../logger.js';
import { withTimeout } from '../with-timeout.js';

export interface TracingOptions {
  readonly service: string;
  readonly config: ConfigOf<typeof tracingOptions>;
  readonly lifecycle: Pick<Lifecycle, 'onShutdown'>;
  readonly log: Pick<Logger, 'warn' | 'info'>;
}

/** How long the last spans may take at shutdown, in milliseconds. */
const flushMs = 3_000;

/**
 * Starts the export of traces, if it is configured. Call it before the bus is connected, so that it ends after the bus.
 * Loads OpenTelemetry only then: a service without traces pays nothing for them.
 */
export async function startTracing({ service, config, lifecycle, log }: TracingOptions): Promise<Tracing | undefined> {
  const url =
    config.otlpTracesEndpoint ?? (config.otlpEndpoint && `${config.otlpEndpoint.replace(/\/+$/, '')}/v1/traces`);
  if (url === undefined || config.otelDisabled) return undefined;
  const headers = config.otlpHeadersFile === undefined ? {} : await readHeaders(config.otlpHeadersFile);
  const { openTracing } = await import('./open.js');
  const { tracing, close } = openTracing({ service, url, headers, log });
  lifecycle.onShutdown('traces', () => withTimeout(flushMs, close()));
  return tracing;
}

/** Throws a {@link ConfigError} that names the line, never its text. */
async function readHeaders(path: string): Promise<Record<string, string>> {
  const lines = (await readFile(path, 'utf8')).split('\n').map((line) => line.trim());
  const headers: Record<string, string> = {};
  lines.forEach((line, at) => {
    if (line === '' || line.startsWith('#')) return;
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)=([\x20-\x7e]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw new ConfigError([`K8STA_OTLP_HEADERS_FILE: line ${at + 1} of ${path} is not name=value`]);
    }
    headers[name] = value;
  });
  return headers;
}
