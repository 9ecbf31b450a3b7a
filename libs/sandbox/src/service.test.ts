import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { argumentsToRun, startService, until } from './index.js';

describe('startService', () => {
  it('runs Node.js with the arguments of this process, of the image, and of the test, in this order', async () => {
    const entry = new URL('./service.fixture.ts', import.meta.url).href;
    const nodeArguments = ['--max-semi-space-size=8'];
    const service = await startService({ name: 'fixture', entry, environment: {}, nodeArguments });
    try {
      await service.ready();
      const said = await until(async () => service.lastOutput(), { what: 'its arguments' });
      const dockerfile = await readFile(new URL('../../../Dockerfile', import.meta.url), 'utf8');
      const command = JSON.parse(dockerfile.slice(dockerfile.lastIndexOf('\nCMD ') + 5)) as string[];
      assert.ok(command.length > 2, 'the image gives it some');
      assert.deepEqual(JSON.parse(said), [
        ...argumentsToRun(fileURLToPath(entry)),
        ...command.slice(1, -1),
        ...nodeArguments,
      ]);
    } finally {
      await service.stop();
    }
  });
});
