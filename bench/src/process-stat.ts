import { readFile } from 'node:fs/promises';

/** The clock ticks of Linux per second, in which /proc counts processor time (USER_HZ, proc(5)). */
const ticksPerSecond = 100;

/** The processor time that a process has used since it started, in seconds. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const { own } = await timesOf(pid);
  return own;
}

/** The processor time of a process, of all its descendants, and of those that have ended, in seconds. */
export async function cpuSecondsOfTree(pid: number): Promise<number> {
  const { own, ended } = await timesOf(pid);
  const children = await Promise.all((await childrenOf(pid)).map((child) => cpuSecondsOfTree(child).catch(() => 0)));
  return own + ended + children.reduce((sum, each) => sum + each, 0);
}

/** The processes that this one has started and that still run. */
export async function childrenOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.split(' ').filter(Boolean).map(Number);
}

async function timesOf(pid: number): Promise<{ own: number; ended: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => {
    throw new Error('processor time can only be measured on Linux');
  });
  // The name of the program may contain spaces, so count the fields after its closing parenthesis.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15);
  return { own: (utime + stime) / ticksPerSecond, ended: (cutime + cstime) / ticksPerSecond };
}
