import { type ApiVerb, apiVerbs, natsUser, passwordVariable, personPermissions, wordVerbs } from '@k8sta/contracts';
import { didYouMean, sanitizeLine } from '@k8sta/text';
import type { Command } from 'commander';
import { exitCodes, runCommand, UsageError } from '../exit-code.js';
import { examples } from '../speak.js';

export function addNatsUser(program: Command): void {
  const command = program
    .command('nats-user')
    .description("print the user of a person for nats-server's configuration: what it may say, and nothing else")
    .argument('<name>', 'the name under which the person speaks')
    .option(
      '--may <verbs>',
      `the words that the person may say, separated by commas: ${wordVerbs.join(', ')}; default: all`,
    )
    .option('--watch', 'also read everything, as `k8sta watch` needs; only for people you trust with every word');
  examples(command, 'nats-user alice', 'nats-user ci --may check');
  command.action((name: string, { may, watch }: { may?: string; watch?: boolean }) =>
    runCommand(async () => {
      const verbs = may === undefined ? undefined : verbsOf(may);
      process.stdout.write(natsUser(name, permissions(name, verbs, watch === true), `$${passwordVariable(name)}`));
      return exitCodes.done;
    }),
  );
}

function permissions(name: string, may: readonly ApiVerb[] | undefined, watches: boolean) {
  try {
    return personPermissions({ name, watches, ...(may && { may }) });
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  }
}

function verbsOf(list: string): ApiVerb[] {
  const named = list.split(',').flatMap((verb) => verb.trim() || []);
  const known = new Set<string>(apiVerbs);
  const faults = named
    .filter((verb) => !known.has(verb))
    .map((verb) => `there is no word "${sanitizeLine(verb, 100)}"${didYouMean(verb, [...wordVerbs])}`);
  if (faults.length > 0) throw new UsageError(faults.join('\n'));
  return apiVerbs.filter((verb) => named.includes(verb));
}
