import { readFile } from 'node:fs/promises';

/** The memory of a process, in megabytes. */
export interface Memory {
  /** Pages that n processes share count as 1/n in each, so that a sum over processes counts each page once. */
  readonly pss: number;
  /** Pages that n processes share, such as the program itself, count in each of them. */
  readonly rss: number;
}

/** As the kernel counts it now (smaps_rollup, proc(5)). */
export async function memoryOf(pid: number): Promise<Memory> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => {
    throw new Error(`the memory of process ${pid} cannot be read; it can be measured on Linux only`);
  });
  const megabytes = (key: string) => Number(new RegExp(`^${key}:\\s*(\\d+) kB`, 'm').exec(rollup)?.[1]) / 1024;
  return { pss: megabytes('Pss'), rss: megabytes('Rss') };
}
