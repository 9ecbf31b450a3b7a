import assert from 'node:assert/strict';
import type { Command } from 'commander';
import { createProgram } from './program.js';

describe('the flags that say where NATS is', () => {
  const program = createProgram();
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
  const named = (...names: string[]) =>
    names.reduce((at, name) => at.commands.find((each) => each.name() === name) ?? assert.fail(name), program);

  it('are in the help of one command only', () => {
    const lists = all(program).filter((command) => command.helpInformation().includes('--nats-url'));
    assert.deepEqual(
      lists.map((command) => command.name()),
      ['connection'],
    );
  });

  it('are known to each command that connects, whose help says where they are listed', () => {
    for (const command of [named('board'), named('pause'), named('tracks'), named('webhook', 'list')]) {
      const help: string[] = [];
      command.configureOutput({ writeOut: (text) => help.push(text) }).outputHelp();
      assert.match(help.join(''), /`k8sta connection` lists/, command.name());
      assert.ok(
        command.options.some(({ long }) => long === '--nats-url'),
        command.name(),
      );
    }
  });
});
