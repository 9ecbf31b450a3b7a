import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import type { BareTask } from './bare-push.js';
import { fileOf, filesOf, range, tags, targetsOf } from './lines.js';
import type { World, WorldOptions } from './world.js';

const require = createRequire(import.meta.url);

/** Makes the same commits with bare libgit2 in other repositories of the same server. Returns the commits per second. */
export async function bareRate(size: WorldOptions, { git }: World): Promise<number> {
  const repositories = await Promise.all(
    range(size.repositories).map(async (index) => {
      const { url } = await git.server.ask('createRepository', {
        ...{ name: `bare-${index}`, files: filesOf(size, index) },
      });
      return { url, files: targetsOf(size).flatMap((each) => (each.repository === index ? [fileOf(each)] : [])) };
    }),
  );
  const processes = range(Math.min(size.workers, size.repositories)).map((worker) => {
    const own = repositories.filter((_, index) => index % size.workers === worker);
    return { child: fork(require.resolve('@k8sta/bench/railway/bare-push')), own };
  });
  try {
    const login = { username: git.user, password: git.password, ...tags };
    await Promise.all(
      processes.map(({ child, own }) => answered(child, { ...login, repositories: own } satisfies BareTask, 'warm')),
    );
    const startedAt = performance.now();
    await Promise.all(processes.map(({ child }) => answered(child, 'begin', 'done')));
    return targetsOf(size).length / ((performance.now() - startedAt) / 1000);
  } finally {
    for (const { child } of processes) child.kill('SIGKILL');
  }
}

async function answered(child: ChildProcess, message: BareTask | 'begin', answer: string): Promise<void> {
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`a bare-push process ended too early: ${signal ?? `exit code ${code}`}`);
  });
  ended.catch(() => {});
  child.send(message);
  const [received] = (await Promise.race([once(child, 'message'), ended])) as [unknown];
  if (received !== answer) throw new Error(`a bare-push process answered ${String(received)}`);
}
