import { type Facts, follow } from '@k8sta/board';
import type { Tap } from '@k8sta/bus';
import type { Track } from '@k8sta/tracks';
import { LiveBoard } from './live-board.js';

/** A person does not see a shorter delay, and a busy moment costs one delta instead of a hundred. */
const refreshMs = 100;

export interface Live {
  readonly board: LiveBoard;
  readonly facts: Facts;
  stop(): void;
}

/** Follows the bus. Resolves when the board shows everything that was on the bus at the time of the call. */
export async function startLive(tap: Tap, tracks: readonly Track[], instances: readonly string[]): Promise<Live> {
  let facts: Facts = { tracks, tickets: new Map(), applications: new Map(), findings: new Map() };
  const board = new LiveBoard(tracks, () => facts);
  let isReady = false;
  let waiting: NodeJS.Timeout | undefined;
  const onChange: Parameters<typeof follow>[0]['onChange'] = (change) => {
    board.take(change);
    if (!isReady) return;
    waiting ??= setTimeout(() => {
      waiting = undefined;
      board.refresh();
    }, refreshMs);
  };
  facts = await follow({ tap, tracks, instances, onChange });
  isReady = true;
  board.refresh();
  return { board, facts, stop: () => clearTimeout(waiting) };
}
