/** A service with nothing to do, for `life.test.ts`: ready when told by SIGUSR2, and slow to end when told so. */
import { createLogger, runMain, startLife } from './index.js';

await runMain(async () => {
  const log = createLogger('fixture', 'info');
  const life = await startLife({ log, statusPort: 0, drainMs: 300 });
  let fault: string | undefined = 'nothing has been heard yet';
  process.on('SIGUSR2', () => {
    fault = undefined;
  });
  life.readyWhen('ear', async () => {
    if (fault) throw new Error(fault);
    return 'it rings';
  });
  const mode = process.argv[2];
  life.atEnd('first', async () => log.info('first, ended last'));
  life.atEnd('second', async () => {
    log.info('second, ended first');
    if (mode === 'stuck') await new Promise(() => {});
  });
  life.started();
  if (mode === 'defect') setImmediate(() => Promise.reject(new Error('nobody caught me')));
});
