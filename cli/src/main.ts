import { Command, CommanderError } from 'commander';
import { checkTracks } from './tracks-check.js';

const program = new Command('k8sta')
  .description('K8sTA from the command line')
  .exitOverride()
  .configureOutput({ writeOut: (text) => process.stdout.write(text), writeErr: (text) => process.stderr.write(text) });

program
  .command('tracks')
  .description('work on tracks files')
  .command('check')
  .description(
    'say everything that is wrong with tracks files, without a bus; for the CI of a configuration repository',
  )
  .argument('<files...>', 'tracks files, or directories that hold them')
  .action(async (files: string[]) => {
    const { code, output } = await checkTracks(files);
    process[code === 0 ? 'stdout' : 'stderr'].write(output);
    process.exitCode = code;
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // A fault of the files is 1, of the command line 2, as with other checkers.
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
