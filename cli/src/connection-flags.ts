import { natsOptions } from '@k8sta/runtime';
import type { Command } from 'commander';
import { flagsOf } from './option-flags.js';

/**
 * Adds the flags that say where NATS is. A command's help leaves them out, because its own flags would be lost among them:
 * the help of `k8sta connection` lists them once.
 */
export function addNatsFlags(command: Command): Command {
  for (const flag of flagsOf(natsOptions)) command.addOption(flag.hideHelp());
  return command.addHelpText('after', '\n`k8sta connection` lists the flags and variables that say where NATS is.');
}

/** Adds `k8sta connection`, which prints its own help. */
export function addConnection(program: Command): void {
  const connection = program
    .command('connection')
    .description('list the flags and variables that say where NATS is; every command that connects to NATS has them');
  for (const flag of flagsOf(natsOptions)) connection.addOption(flag);
  connection.action(() => connection.outputHelp());
}
