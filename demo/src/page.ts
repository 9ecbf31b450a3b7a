import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { System } from '@k8sta/sandbox';
import type { Output } from './output.js';

const require = createRequire(import.meta.url);

/** Builds the page, starts the board, and says where it is. The page stays until the system stops. */
export async function openPage(system: System, output: Output): Promise<string> {
  const service = join(dirname(require.resolve('@k8sta/board-service')), '..');
  output.say('building the page of the board');
  await promisify(execFile)('npm', ['run', '--silent', 'build:web'], { cwd: service });
  const url = await system.startBoard();
  output.say(`the railway in a browser: ${url}`);
  return url;
}
