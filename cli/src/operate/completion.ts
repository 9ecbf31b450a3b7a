import { Argument, type Command } from 'commander';
import { exitCodes, runCommand } from './exit-code.js';
import { examples } from './speak.js';

/** What a shell runs to complete a word: it asks the command itself, so that a script never becomes outdated. */
const scripts = {
  bash: `_k8sta() {
  local IFS=$'\\n'
  COMPREPLY=($(k8sta __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _k8sta k8sta
`,
  zsh: `#compdef k8sta
_k8sta() {
  local -a found
  found=("\${(@f)$(k8sta __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  [[ -n "$found" ]] && compadd -a found || _files
}
compdef _k8sta k8sta
`,
  fish: `complete -c k8sta -f -a '(k8sta __complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
`,
} as const;

export function addCompletion(program: Command): void {
  const completion = program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'your shell').choices(Object.keys(scripts)));
  examples(completion, 'completion bash > /etc/bash_completion.d/k8sta', 'completion fish | source');
  completion.action((shell: keyof typeof scripts) =>
    runCommand(async () => {
      process.stdout.write(scripts[shell]);
      return exitCodes.done;
    }),
  );
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action((words: string[]) => {
      for (const candidate of candidatesOf(program, words)) process.stdout.write(`${candidate}\n`);
    });
}

/** What the last of these words can become: commands and the choices of arguments, or flags if it begins with "-". */
export function candidatesOf(program: Command, words: readonly string[]): string[] {
  const [last = '', ...before] = [...words].reverse();
  let command = program;
  let given = 0;
  let flagName: string | undefined;
  for (const word of before.reverse()) {
    const flag = command.options.find(({ short, long }) => word === short || word === long);
    if (flagName !== undefined) flagName = undefined;
    else if (flag) flagName = flag.required || flag.optional ? flag.attributeName() : undefined;
    else if (!word.startsWith('-')) {
      const next = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
      if (next && given === 0) command = next;
      else given++;
    }
  }
  const isHere = (candidate: string) => candidate.startsWith(last);
  if (flagName !== undefined) {
    return command.options.find((flag) => flag.attributeName() === flagName)?.argChoices?.filter(isHere) ?? [];
  }
  if (last.startsWith('-')) return command.options.flatMap(({ long }) => long ?? []).filter(isHere);
  const names = given === 0 ? command.commands.map((each) => each.name()).filter((name) => !name.startsWith('__')) : [];
  return [...names, ...(command.registeredArguments[given]?.argChoices ?? [])].filter(isHere);
}
