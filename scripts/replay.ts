/** Replays a recording of Argo CD Applications through K8sTA's judgement: docs/operations.md, "Report a wrong wait". */
import { CommanderError } from 'commander';
import { replayCommand } from './replay/command.js';
import { InputFault } from './replay/fault.js';

// The reader may close the pipe early, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

try {
  await replayCommand((line) => process.stdout.write(line)).parseAsync();
} catch (error) {
  // The exit code is 1 for a fault of the files and 2 for the command line, as in the CLI.
  if (error instanceof InputFault) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  } else if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else throw error;
}
