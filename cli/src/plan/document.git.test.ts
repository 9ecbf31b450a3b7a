import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argumentsOf } from '@k8sta/sandbox';
import { anApplication, listOf, manifest, World } from './world.fixture.js';

const main = argumentsOf('@k8sta/cli');
const document = readFileSync(new URL('../../../docs/plan.md', import.meta.url), 'utf8');

describe('the commands of docs/plan.md', () => {
  const world = new World();
  after(() => world.remove());

  it('lead from what runs to a plan', () => {
    const commands = [...document.matchAll(/^npm run -s k8sta -- (.*)$/gm)].map(([, command = '']) =>
      command.split(' '),
    );
    assert.equal(commands.length, 2);
    const here = join(world.directory, 'k8sta');
    mkdirSync(here);
    world.repository('deploy', { 'shop-dev/pod.yaml': manifest('1.1.0'), 'shop-prod/pod.yaml': manifest('1.0.0') });
    world.write('k8sta/applications.yaml', listOf(anApplication('shop-dev'), anApplication('shop-prod')));
    const outputs = commands.map((words) => {
      const redirect = words.indexOf('>');
      const [args, file] = redirect < 0 ? [words, ''] : [words.slice(0, redirect), words[redirect + 1] ?? ''];
      // The working directory stays: only there Node finds the loader of TypeScript.
      const moved = args.map((arg) => arg.replace(/(?<=^|=)(\w+\.yaml|\.\.\/\w+)$/, (path) => join(here, path)));
      const node = [...main, ...moved];
      const { status, stdout, stderr } = spawnSync(process.execPath, node, { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      if (file !== '') writeFileSync(join(here, file), stdout);
      return stdout;
    });
    assert.match(outputs[1] ?? '', /^shop: dev: would be committed\n[\s\S]*\n2 of 2 Stations could be promoted\n$/);
  });
});
