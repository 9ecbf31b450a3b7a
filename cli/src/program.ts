import { tap } from '@k8sta/contracts';
import { loadConfig, runMain } from '@k8sta/runtime';
import { Command } from 'commander';
import { boardOptions, ownBoardOptions } from './board-options.js';
import { addConnection, addNatsFlags } from './connection-flags.js';
import { operatingCommands } from './operate/commands/index.js';
import { addTracks } from './operate/commands/tracks.js';
import { addCompletion } from './operate/completion.js';
import { connectionOf } from './operate/connect.js';
import { environmentOf, flagsOf } from './option-flags.js';
import { addPlan } from './plan/command.js';
import { addSuggest } from './suggest/command.js';
import { addWebhookCommands } from './webhook/commands.js';

/**
 * The command line of `k8sta`, with every command. A command that reads files imports what it needs when it runs: otherwise every
 * command, and every completed word, would take twice the CPU time to start.
 */
export function createProgram(): Command {
  const program = new Command('k8sta')
    .description('Works with K8sTA from the command line')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => process.stdout.write(text),
      writeErr: (text) => process.stderr.write(text),
    });
  const tracks = program.command('tracks');
  addTracksCheck(tracks);
  addSuggest(tracks);
  addTracks(program, tracks);
  addPlan(program);
  addBoard(program);
  addWebhookCommands(program);
  for (const add of operatingCommands) add(program);
  addConnection(program);
  addCompletion(program);
  return program;
}

function addTracksCheck(tracks: Command): void {
  tracks
    .command('check')
    .description(
      'list every fault of tracks files, without a connection to K8sTA; for the CI of a configuration repository',
    )
    .argument('<files...>', 'tracks files, or directories that contain them')
    .action(async (files: string[]) => {
      const { checkTracks } = await import('./tracks-check.js');
      const { code, output } = await checkTracks(files);
      process[code === 0 ? 'stdout' : 'stderr'].write(output);
      process.exitCode = code;
    });
}

function addBoard(program: Command): void {
  const board = program
    .command('board')
    .alias('watch')
    .description('show what runs at each Station and where each Ticket is, until Ctrl-C')
    .option('--once', 'print the board once and exit; the default if the output is not a terminal')
    .action((flags: Record<string, unknown>) =>
      runMain(async () => {
        const ending = new AbortController();
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ending.abort());
        const once = flags['once'] === true || !process.stdout.isTTY;
        const config = loadConfig(boardOptions, environmentOf(boardOptions, flags));
        const connection = await connectionOf(flags, process.env, tap);
        const { showBoard } = await import('./board.js');
        await showBoard({ config, connection, once, output: process.stdout, signal: ending.signal });
      }),
    );
  for (const flag of flagsOf(ownBoardOptions)) board.addOption(flag);
  addNatsFlags(board);
}
