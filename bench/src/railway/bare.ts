import { join } from 'node:path';
import { temporaryDirectory } from '@k8sta/sandbox';
import type { BareQuestions } from '../bare-push.js';
import { startChild } from '../child.js';
import { fileOf, filesOf, range, tags, targetsOf } from './lines.js';
import type { World, WorldOptions } from './world.js';

/** Makes the same commits with bare libgit2 in other repositories of the same server. Returns the commits per second. */
export async function bareRate(size: WorldOptions, { git }: World): Promise<number> {
  const { user, password } = git;
  const { path, remove } = await temporaryDirectory('bare');
  const workers = range(Math.min(size.workers, size.repositories));
  const processes = workers.map(() => startChild<BareQuestions>('@k8sta/bench/bare-push'));
  try {
    const clones = await Promise.all(
      range(size.repositories).map(async (index) => {
        const files = filesOf(size, index);
        const { url } = await git.server.ask('createRepository', { name: `bare-${index}`, files });
        const child = processes[index % processes.length] as (typeof processes)[number];
        await child.ask('clone', { url, directory: join(path, `${index}`), user, password });
        return { child, url, files };
      }),
    );
    const targets = targetsOf(size);
    const startedAt = performance.now();
    await Promise.all(
      clones.map(async ({ child, url, files }, index) => {
        for (const target of targets) {
          if (target.repository !== index) continue;
          const file = fileOf(target);
          await child.ask('commit', { url, file, text: (files[file] ?? '').replace(tags.before, tags.after) });
          await child.ask('push', { url });
        }
      }),
    );
    return targets.length / ((performance.now() - startedAt) / 1_000);
  } finally {
    await Promise.all(processes.map((child) => child.stop()));
    await remove();
  }
}
