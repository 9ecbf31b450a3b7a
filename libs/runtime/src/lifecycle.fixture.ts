/**
 * A service with nothing to do, for `lifecycle.test.ts`: ready after SIGUSR2, with a metric that cannot be read after SIGHUP; its
 * mode makes it hang at shutdown, or throw.
 */
import { Gauge } from 'prom-client';
import { createLogger, runMain, startLifecycle } from './index.js';

await runMain(async () => {
  const log = createLogger('fixture', 'info');
  const lifecycle = await startLifecycle({ log, statusPort: 0, drainMs: 300 });
  let fault: string | undefined = 'nothing has been heard yet';
  process.on('SIGUSR2', () => {
    fault = undefined;
    log.info('heard something');
  });
  process.on('SIGHUP', () => {
    const collect = () => Promise.reject(new Error('the metric is broken'));
    new Gauge({ name: 'broken', help: 'Cannot be read.', registers: [lifecycle.metrics], collect });
    log.info('broke a metric');
  });
  lifecycle.readinessCheck('ear', async () => {
    if (fault) throw new Error(fault);
    return 'it rings';
  });
  const mode = process.argv[2];
  lifecycle.onShutdown('first', async () => log.info('first, shut down last'));
  lifecycle.onShutdown('second', async () => {
    log.info('second, shut down first');
    if (mode === 'stuck') await new Promise(() => {});
  });
  lifecycle.started();
  if (mode === 'bug') setImmediate(() => Promise.reject(new Error('nobody caught me')));
});
