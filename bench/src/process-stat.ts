import { readFile } from 'node:fs/promises';

/** The clock ticks of Linux per second, in which /proc counts processor time (USER_HZ, proc(5)). */
const ticksPerSecond = 100;

/** The processor time that a process has used since it started, in seconds. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => {
    throw new Error('processor time can only be measured on Linux');
  });
  // The name of the program may contain spaces, so count the fields after its closing parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
