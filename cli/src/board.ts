import { type Facts, follow } from '@k8sta/board';
import { drawBoard, openScreen } from '@k8sta/board/terminal';
import { type BusConnection, BusRefusal, openTap } from '@k8sta/bus';
import { type ConfigOf, withTimeout } from '@k8sta/runtime';
import { loadTracks } from '@k8sta/tracks';
import type { boardOptions } from './board-options.js';

/** How long the first read of the streams may take. */
const readMs = 60_000;

export interface BoardRequest {
  readonly config: ConfigOf<typeof boardOptions>;
  readonly connection: BusConnection;
  /** Prints the board once instead of keeping it up to date. */
  readonly once: boolean;
  readonly output: NodeJS.WriteStream;
  /** Aborted when the board must close. */
  readonly signal: AbortSignal;
}

/** Shows the board until the signal is aborted. Throws an error with a message for people if it cannot read the bus. */
export async function showBoard({ config, connection, once, output, signal }: BoardRequest): Promise<void> {
  const tracks = await loadTracks(config.tracks);
  const tap = await openTap(connection, connection.user);
  try {
    let changed = () => {};
    const following = follow({ tap, tracks, instances: config.instances, onChange: () => changed() });
    const facts = await withTimeout(readMs, following).catch((error: Error) => {
      throw error instanceof BusRefusal ? error : new BusRefusal(`reading K8sTA's streams: ${error.message}`);
    });
    if (once) return void output.write(`${print(facts, output)}\n`);
    const screen = openScreen(output, (size) => drawBoard(facts, new Date(), size), { whole: true });
    changed = screen.update;
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve());
    });
    screen.end();
  } finally {
    await tap.close();
  }
}

/** Draws the board as wide as the terminal, and without a limit if the output is a file or a pipe. */
function print(facts: Facts, { columns = Number.POSITIVE_INFINITY }: NodeJS.WriteStream): string {
  return drawBoard(facts, new Date(), { columns, rows: Number.POSITIVE_INFINITY });
}
