import { CommanderError } from 'commander';
import { createProgram } from './program.js';

// The reader may close the pipe early, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await createProgram().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // The exit code is 1 for a fault of the files or the bus and 2 for the command line, as with other checkers.
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
