import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseTraceparent, type Tracing } from '@k8sta/contracts';
import { type OtlpReceiver, startOtlpReceiver } from '@k8sta/sandbox';
import { commonOptions, loadConfig } from '../config.js';
import { startTracing } from './start.js';

const cause = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('traces', () => {
  let receiver: OtlpReceiver;
  let directory: string;
  let close: () => Promise<void>;
  const logged: unknown[] = [];
  const log = {
    warn: (...line: unknown[]) => void logged.push(line.at(-1)),
    info: (...line: unknown[]) => void logged.push(line.at(-1)),
  };

  before(async () => {
    receiver = await startOtlpReceiver();
    directory = mkdtempSync(join(tmpdir(), 'k8sta-traces-'));
  });
  after(async () => {
    await receiver?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  function start(env: Record<string, string>): Promise<Tracing | undefined> {
    const lifecycle = {
      onShutdown: (_name: string, shutdown: () => Promise<void>) => {
        close = shutdown;
      },
    };
    return startTracing({ service: 'fixture', config: loadConfig(commonOptions, env), lifecycle, log });
  }

  async function on(env: Record<string, string> = {}): Promise<Tracing> {
    const tracing = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env });
    assert.ok(tracing);
    return tracing;
  }

  it('are off by default, and nothing of the SDK is loaded', async () => {
    assert.equal(await start({}), undefined);
    const script = `
      import { createRequire } from 'node:module';
      const { commonOptions, loadConfig, startTracing } = await import(${JSON.stringify(new URL('../index.ts', import.meta.url).href)});
      await startTracing({ service: 'x', config: loadConfig(commonOptions, {}), lifecycle: {}, log: {} });
      const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => /@opentelemetry.(sdk|exporter|core)/.test(file));
      console.log(loaded.length);`;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', ...process.execArgv, '--input-type=module', '-e', script],
      {
        encoding: 'utf8',
      },
    );
    assert.equal(stdout.trim(), '0', stderr);
  });

  it('are off if OTEL_SDK_DISABLED says so', async () => {
    assert.equal(await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SDK_DISABLED: 'True' }), undefined);
  });

  it('refuse an address with a password, without repeating it', () => {
    assert.throws(
      () => loadConfig(commonOptions, { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://user:hunter2@example.com' }),
      (error: Error) => /K8STA_OTLP_HEADERS_FILE/.test(error.message) && !/hunter2/.test(error.message),
    );
  });

  it('join the trace of the cause, and nest spans in the same trace only', async () => {
    const tracing = await on();
    const other = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    await tracing.span(
      { name: 'outer', kind: 'consumer', parent: cause, attributes: { 'k8sta.track': 'a' } },
      async () => {
        await tracing.span({ name: 'same', kind: 'producer', parent: cause }, async () => {});
        await tracing.span({ name: 'without', kind: 'producer', parent: undefined }, async () => {});
        await tracing.span({ name: 'elsewhere', kind: 'producer', parent: other }, async () => {});
      },
    );
    await close();
    const named = (name: string) => receiver.span((span) => span.name === name, name);
    const outer = await named('outer');
    assert.deepEqual([outer.service, outer.traceId, outer.parentSpanId], ['fixture', traceId, '00f067aa0ba902b7']);
    assert.equal(outer.attributes['k8sta.track'], 'a');
    assert.deepEqual([(await named('same')).parentSpanId, (await named('same')).traceId], [outer.spanId, traceId]);
    assert.equal((await named('without')).parentSpanId, outer.spanId);
    const elsewhere = await named('elsewhere');
    assert.deepEqual([elsewhere.traceId, elsewhere.parentSpanId], ['a'.repeat(32), 'b'.repeat(16)]);
  });

  it('have no span without a cause, unless it starts a trace', async () => {
    const tracing = await on();
    for (const parent of [undefined, '', '00-0-0-01', 'a stranger wrote this']) {
      assert.equal(tracing.start({ name: 'nobody asked', kind: 'consumer', parent }), undefined);
    }
    const root = tracing.start({ name: 'root', kind: 'server', parent: undefined, isRoot: true });
    assert.ok(parseTraceparent(root?.traceparent));
    root?.end();
    await close();
    assert.equal((await receiver.span(({ name }) => name === 'root', 'root')).parentSpanId, undefined);
    assert.ok(!receiver.spans.some(({ name }) => name === 'nobody asked'));
  });

  it('pass on, but do not export, a trace that its sender does not sample', async () => {
    const tracing = await on();
    const span = tracing.start({ name: 'unsampled', kind: 'server', parent: cause.replace(/01$/, '00') });
    assert.match(span?.traceparent ?? '', new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
    span?.end();
    await close();
    assert.ok(!receiver.spans.some(({ name }) => name === 'unsampled'));
  });

  it('cut long texts, and mark a failure with its message in one line', async () => {
    const tracing = await on();
    const attributes = { 'k8sta.reason': 'x'.repeat(10_000), absent: undefined };
    const failing = tracing.span({ name: 'fails', kind: 'client', parent: cause, attributes }, async () => {
      throw new Error('https://me:hunter2@example.com/x\nis away');
    });
    await assert.rejects(failing);
    await close();
    const span = await receiver.span(({ name }) => name === 'fails', 'the failed span');
    assert.ok(span.isFailed);
    assert.equal(String(span.attributes['k8sta.reason']).length, 256);
    assert.ok(!('absent' in span.attributes));
    assert.ok(!receiver.bodies.join().includes('hunter2'));
  });

  it('carry the headers of the file, and name the line of a fault in it', async () => {
    const file = join(directory, 'headers');
    writeFileSync(file, '# the collector\nauthorization=Bearer abc\n');
    const tracing = await on({ K8STA_OTLP_HEADERS_FILE: file });
    tracing.start({ name: 'with a header', kind: 'client', parent: cause })?.end();
    await close();
    await receiver.span(({ name }) => name === 'with a header', 'the span');
    assert.equal(receiver.header('authorization').at(-1), 'Bearer abc');
    writeFileSync(file, 'authorization=a\nhunter2\n');
    await assert.rejects(on({ K8STA_OTLP_HEADERS_FILE: file }), (error: Error) => {
      assert.match(error.message, /K8STA_OTLP_HEADERS_FILE: line 2 of .* is not name=value/);
      return !error.message.includes('hunter2');
    });
  });

  it('never hold up a service: a receiver that refuses is logged once', async () => {
    const tracing = await on();
    receiver.answerWith(400);
    try {
      tracing.start({ name: 'refused', kind: 'client', parent: cause })?.end();
      await close().catch(() => {});
    } finally {
      receiver.answerWith(200);
    }
    assert.deepEqual(logged, ['traces cannot be exported, dropping them']);
  });
});
