import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argumentsOf, temporaryDirectory } from '@k8sta/sandbox';
import { createProgram } from '../program.js';
import { candidatesOf } from './completion.js';

const main = argumentsOf('@k8sta/cli');

describe('completion', () => {
  const complete = (...words: string[]) => candidatesOf(createProgram(), words);

  it('finds commands, subcommands, flags and the choices of arguments and flags', () => {
    assert.deepEqual(complete('app'), ['approve']);
    assert.deepEqual(complete('tracks', ''), ['check', 'suggest']);
    assert.deepEqual(complete('webhook', 're'), ['replay']);
    assert.deepEqual(complete('check', 'id', 'prod', 'smoke', ''), ['passed', 'failed']);
    assert.deepEqual(complete('approve', '--mes'), ['--message']);
    assert.deepEqual(complete('approve', '--nats-u'), ['--nats-url', '--nats-user']);
    assert.deepEqual(complete('tickets', '-o', ''), ['text', 'json']);
    assert.deepEqual(complete('tickets', '--output', 'j'), ['json']);
    assert.deepEqual(complete('pause', '-m', 'check', 'shop', '--al'), ['--all']);
    assert.deepEqual(complete('nothing', ''), []);
  });

  it('offers every command that the help lists', () => {
    const listed = createProgram()
      .createHelp()
      .visibleCommands(createProgram())
      .map((command) => command.name())
      .filter((name) => name !== 'help');
    assert.deepEqual(complete(''), listed);
  });

  it('completes a word in bash', async () => {
    const directory = await temporaryDirectory('completion');
    const command = join(directory.path, 'k8sta');
    const node = [process.execPath, ...main].map((word) => `'${word}'`).join(' ');
    await writeFile(command, `#!/bin/sh\nexec ${node} "$@"\n`);
    await chmod(command, 0o755);
    const script = [
      'source <(k8sta completion bash)',
      'COMP_WORDS=(k8sta check id prod smoke p) COMP_CWORD=5',
      '_k8sta',
      'echo "$COMPREPLY"',
    ];
    const env = { ...process.env, PATH: `${directory.path}:${process.env['PATH']}` };
    const { stdout, stderr } = spawnSync('bash', ['-c', script.join('\n')], { encoding: 'utf8', env });
    await directory.remove();
    assert.deepEqual([stdout, stderr], ['passed\n', '']);
  });
});
