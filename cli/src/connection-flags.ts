import { natsOptions } from '@k8sta/runtime';
import { type Command, Option } from 'commander';
import { flagsOf } from './option-flags.js';

/**
 * Adds the flags that say where NATS is. A command's help shows `--context` only, because its own flags would be lost among
 * the others: the help of `k8sta connection` lists them once.
 */
export function addNatsFlags(command: Command): Command {
  command.addOption(contextFlag());
  for (const flag of flagsOf(natsOptions)) command.addOption(flag.hideHelp());
  return command.addHelpText('after', '\n`k8sta connection` lists the flags and variables that say where NATS is.');
}

/** Adds `k8sta connection`, which prints its own help. */
export function addConnection(program: Command): void {
  const connection = program
    .command('connection')
    .description('list the flags and variables that say where NATS is; every command that connects to NATS has them');
  for (const flag of [contextFlag(), ...flagsOf(natsOptions)]) connection.addOption(flag);
  connection.action(() => connection.outputHelp());
}

/** A context of the NATS CLI, which says where NATS is and as which user to connect. */
function contextFlag(): Option {
  const description = 'a context of the NATS CLI; default: the one that `nats context select` chose';
  return new Option('--context <name>', description).env('NATS_CONTEXT');
}
