import { readFile } from 'node:fs/promises';
import type { ServiceName } from '@k8sta/sandbox';

/** The resident memory of a process and its children in mebibytes; 0 if it is gone. */
export async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const below = await Promise.all(children.split(' ').filter(Boolean).map(Number).map(memoryOf));
  return kibibytes / 1024 + below.reduce((sum, each) => sum + each, 0);
}

/** The limit of a service in deploy/base, in mebibytes. */
export async function memoryLimitOf(name: ServiceName): Promise<number> {
  const manifest = await readFile(new URL(`../../../deploy/base/${name}.yaml`, import.meta.url), 'utf8');
  const [, count, unit] = /^ +limits: \{memory: (\d+)([MG])i\}$/m.exec(manifest) ?? [];
  if (count === undefined) throw new Error(`deploy/base/${name}.yaml has no limit of memory`);
  return Number(count) * (unit === 'G' ? 1024 : 1);
}
