import { join } from 'node:path';
import type { GitServer, Repository } from '@k8sta/sandbox';
import type { BareQuestions } from '../bare-push.js';
import { startChild } from '../child.js';
import { fileOf, naming, nextMove } from './repository.js';

/** A process that pushes with bare libgit2 and does nothing else. */
export interface BarePusher {
  /** Makes a commit, and then measures the push alone: from the order until the branch moves, in milliseconds. */
  push(application: number, tag: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startBarePusher(
  { user, password }: GitServer,
  repository: Repository,
  directory: string,
): Promise<BarePusher> {
  const child = startChild<BareQuestions>('@k8sta/bench/bare-push');
  const { url } = repository;
  await child.ask('clone', { url, directory: join(directory, 'bare'), user, password });
  return {
    async push(application, tag) {
      await child.ask('commit', { url, file: fileOf(application), text: naming(tag) });
      const moved = nextMove(repository);
      const startedAt = performance.now();
      const [movedAt] = await Promise.all([moved, child.ask('push', { url })]);
      return movedAt - startedAt;
    },
    stop: () => child.stop(),
  };
}
