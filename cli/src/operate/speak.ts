import { randomUUID } from 'node:crypto';
import { type ApiInput, type ApiReply, type ApiVerb, apiOperations, type WordVerb } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import type { Command } from 'commander';
import { addConnectionFlags, asOperator, type Flags } from './connect.js';
import { type ExitCode, exitCodes, runCommand } from './exit-code.js';
import { addOutputFlag, print } from './output.js';

type Done<Verb extends ApiVerb> = Extract<ApiReply<Verb>, { ok: true }>;
type Refused = Extract<ApiReply<ApiVerb>, { ok: false }>;

/** Adds the flags that every command has that speaks to a running K8sTA. */
export function addOperatingFlags(command: Command): Command {
  return addOutputFlag(addConnectionFlags(command));
}

/** Makes the command ask what the API knows. */
export function asks<Verb extends ApiVerb, Args extends unknown[]>(
  command: Command,
  verb: Verb,
  request: (flags: Flags, ...args: Args) => ApiInput<Verb>,
  show: (reply: Done<Verb>, ...args: Args) => string,
): void {
  addOperatingFlags(command).action((...given: unknown[]) => {
    const flags = command.opts() as Flags;
    const args = given as Args;
    return runCommand(async () => {
      // Before it connects, so that a wrong command line is said to be wrong.
      const asked = request(flags, ...args);
      apiOperations[verb].request.parse(asked);
      return asOperator(flags, async ({ call }) =>
        answer(flags, await call(verb, asked), (done) => show(done as Done<Verb>, ...args)),
      );
    });
  });
}

/** Makes the command say a word. */
export function says<Verb extends WordVerb, Args extends unknown[]>(
  command: Command,
  verb: Verb,
  request: (flags: Flags, ...args: Args) => ApiInput<Verb>,
  show: (reply: Done<Verb>, ...args: Args) => string,
): void {
  command.option('-m, --message <why>', 'why; it is kept with the word');
  const said = (flags: Flags, ...args: Args): ApiInput<Verb> => {
    const message = flags['message'];
    const why = typeof message === 'string' ? { message } : {};
    return { ...request(flags, ...args), ...why, id: randomUUID() };
  };
  asks(command, verb, said, (reply, ...args) => {
    return `${sanitizeLine(show(reply, ...args))} (word ${(reply as { sequence: number }).sequence})\n`;
  });
}

/** Prints the reply, or why it was refused. */
export function answer(flags: Flags, reply: { ok: boolean }, show: (reply: { ok: true }) => string): ExitCode {
  const format = flags['output'];
  if (reply.ok) {
    print(format, reply, () => show(reply as { ok: true }));
    return exitCodes.done;
  }
  if (format === 'json') print(format, reply, () => '');
  else process.stderr.write(refusalText(reply as Refused));
  return exitCodes.refused;
}

function refusalText({ reason, message }: Refused): string {
  return `refused (${sanitizeLine(reason, 100)}): ${sanitizeLine(message, 1_000)}\n`;
}

/** The text of a flag, as an optional field of a request. */
export function fieldOf<Name extends string>(flags: Flags, name: Name): { readonly [Each in Name]?: string } {
  const value = flags[name];
  return typeof value === 'string' ? ({ [name]: value } as { [Each in Name]: string }) : {};
}

/** Examples at the end of a command's help. */
export function examples(command: Command, ...lines: readonly string[]): Command {
  const list = lines.map((line) => `  $ k8sta ${line}`).join('\n');
  return command.addHelpText('after', `\nExample${lines.length > 1 ? 's' : ''}:\n${list}`);
}
