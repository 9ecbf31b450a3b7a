import { readFile } from 'node:fs/promises';

/** The memory of a process, in megabytes. */
export interface Memory {
  /** Pages that n processes share count as 1/n in each, so that a sum over processes counts each page once. */
  readonly pss: number;
  /** Pages that n processes share, such as the program itself, count in each of them. */
  readonly rss: number;
  /** The most RSS since the process started. */
  readonly peak: number;
}

/** As the kernel counts it now (smaps_rollup and status, proc(5)). Rejects if the process has ended. */
export async function memoryOf(pid: number): Promise<Memory> {
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const text = `${await read('smaps_rollup')}${await read('status')}`;
  const megabytes = (key: string) => {
    const [, kilobytes] = new RegExp(`^${key}:\\s*(\\d+) kB`, 'm').exec(text) ?? [];
    if (kilobytes === undefined) throw new Error(`the memory of process ${pid} cannot be read; it needs Linux`);
    return Number(kilobytes) / 1024;
  };
  return { pss: megabytes('Pss'), rss: megabytes('Rss'), peak: megabytes('VmHWM') };
}
