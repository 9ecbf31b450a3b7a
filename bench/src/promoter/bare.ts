import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { GitServer, Repository } from '@k8sta/sandbox';
import type { Order } from './bare-push.js';
import { fileOf, naming, nextMove } from './repository.js';

/** A process that pushes with bare libgit2 and does nothing else. */
export interface BarePusher {
  /** Makes a commit, and then measures the push alone: from the order until the branch moves, in milliseconds. */
  push(application: number, tag: string): Promise<number>;
  stop(): void;
}

export async function startBarePusher(
  { user, password }: GitServer,
  repository: Repository,
  directory: string,
): Promise<BarePusher> {
  const child = fork(createRequire(import.meta.url).resolve('@k8sta/bench/promoter/bare-push'));
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the bare pusher ended too early: ${signal ?? `exit code ${code}`}`);
  });
  ended.catch(() => {});
  const done = async (order: Order): Promise<void> => {
    child.send(order);
    await Promise.race([once(child, 'message'), ended]);
  };
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  await done({ order: 'clone', url: repository.url, directory: join(directory, 'bare'), authorization });
  return {
    async push(application, tag) {
      await done({ order: 'commit', file: fileOf(application), text: naming(tag) });
      const moved = nextMove(repository);
      const startedAt = performance.now();
      const pushed = done({ order: 'push' });
      const ms = (await moved) - startedAt;
      await pushed;
      return ms;
    },
    stop: () => void child.kill('SIGKILL'),
  };
}
