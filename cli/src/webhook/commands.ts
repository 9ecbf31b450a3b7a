import { openTap, type Tap } from '@k8sta/bus';
import { operator, tap as tapUser } from '@k8sta/contracts';
import { runMain } from '@k8sta/runtime';
import type { Command } from 'commander';
import { addNatsFlags } from '../connection-flags.js';
import { connectionOf } from '../operate/connect.js';
import { type Output, replayWebhook } from './replay.js';
import { findWebhook, listWebhooks, showWebhook, storedWebhooks } from './stored.js';

/** Adds `k8sta webhook`. */
export function addWebhookCommands(program: Command): void {
  const webhook = program.command('webhook').description('look at stored webhooks, replay them, and try new ones');

  onBus(
    webhook.command('list').description('list the webhooks of the last day, the newest last'),
    tapUser,
    async (tap) => ({
      code: 0,
      text: listWebhooks(await storedWebhooks(tap)),
    }),
  );
  onBus(
    webhook.command('show').description('show a stored webhook').argument('<id>', 'its id, or how it begins'),
    tapUser,
    async (tap, id) => ({ code: 0, text: showWebhook(findWebhook(await storedWebhooks(tap), id)) }),
  );
  onBus(
    webhook
      .command('replay')
      .description('handle a stored webhook again: open the Tickets that are missing; needs the NATS user "operator"')
      .argument('<id>', 'its id, or how it begins'),
    operator,
    replayWebhook,
  );
  webhook
    .command('test')
    .description('say what a webhook would do, without a connection to K8sTA')
    .argument('<sender>', 'the sender, as in the path of its webhooks')
    .argument('<file>', 'the body of the webhook')
    .requiredOption('--tracks <files>', 'tracks files, or directories of them, separated by commas')
    .option(
      '--header <header>',
      'a header, "Name: value"; may be repeated',
      (each, all: string[]) => [...all, each],
      [],
    )
    .action((sender: string, file: string, { tracks, header }: { tracks: string; header: string[] }) =>
      runMain(async () => {
        const { tryWebhook } = await import('./try.js');
        const files = tracks.split(',').map((each) => each.trim());
        print(await tryWebhook({ sender, file, headers: header, tracks: files, now: new Date() }));
      }),
    );
}

/** A command that connects as this user if neither a flag nor the context names one. */
function onBus(command: Command, defaultUser: string, work: (tap: Tap, id: string) => Promise<Output>): void {
  addNatsFlags(command).action((...given: unknown[]) =>
    runMain(async () => {
      const [id = ''] = given as string[];
      const connection = await connectionOf(command.opts(), process.env, defaultUser);
      const tap = await openTap(connection, connection.user ?? defaultUser);
      try {
        print(await work(tap, id));
      } finally {
        await tap.close();
      }
    }),
  );
}

function print({ code, text }: Output): void {
  process[code === 0 ? 'stdout' : 'stderr'].write(text);
  process.exitCode = code;
}
