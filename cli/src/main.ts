import { CommanderError } from 'commander';
import { createProgram } from './program.js';

try {
  await createProgram().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // The exit code is 1 for a fault of the files or the bus and 2 for the command line, as with other checkers.
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
