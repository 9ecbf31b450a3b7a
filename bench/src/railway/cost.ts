import { z } from 'zod';
import type { Report } from '../figure.js';
import { memoryOf } from '../memory.js';
import { childrenOf, cpuSecondsOfTree } from '../process-stat.js';
import type { GitCounts } from './git-process.js';
import type { World } from './world.js';

/** What the processes of the railway have used so far. */
export interface Usage {
  /** By the monotonic clock, in milliseconds. */
  readonly at: number;
  /** In seconds, by process; that of its children counts for a process. */
  readonly cpu: Readonly<Record<string, number>>;
  readonly bus: Bus;
  readonly git: GitCounts;
}

/** What clients sent to nats-server and what it sent to them; what JetStream has stored. */
type Bus = Readonly<Record<keyof z.infer<typeof served>, number>> & { readonly stored: number };

const served = z.object({ in_msgs: z.number(), out_msgs: z.number(), in_bytes: z.number(), out_bytes: z.number() });

const stored = z.object({
  account_details: z.array(
    z.object({ stream_detail: z.array(z.object({ state: z.object({ last_seq: z.number() }) })).default([]) }),
  ),
});

/** The process of the bench is part of it: it posts the webhooks and records the events. */
export async function usageOf(world: World): Promise<Usage> {
  const cpu: Record<string, number> = {};
  for (const [name, pid] of Object.entries(processesOf(world))) cpu[name] = await cpuSecondsOfTree(pid);
  cpu['bench'] = process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6;
  return { at: performance.now(), cpu, bus: await busOf(world), git: await world.git.server.ask('counts') };
}

export async function busOf({ natsMonitor }: World): Promise<Bus> {
  const ask = async (path: string): Promise<unknown> => (await fetch(`${natsMonitor}/${path}`)).json();
  const { account_details: accounts } = stored.parse(await ask('jsz?accounts=true&streams=true'));
  const streams = accounts.flatMap(({ stream_detail }) => stream_detail);
  return { ...served.parse(await ask('varz')), stored: streams.reduce((sum, { state }) => sum + state.last_seq, 0) };
}

/** What a promotion has cost between two readings. `heard` is what the bench itself received from nats-server. */
export function reportCost(
  [before, after]: readonly [Usage, Usage],
  { promotions, heard }: { promotions: number; heard: { messages: number; bytes: number } },
  report: Report,
): void {
  const used = Object.entries(after.cpu).map(([name, cpu]) => [name, cpu - (before.cpu[name] ?? 0)] as const);
  for (const [name, cpu] of used) {
    report({ figure: `processor time of a promotion: ${name}`, value: (1_000 * cpu) / promotions, unit: 'ms' });
  }
  const all = used.reduce((sum, [, cpu]) => sum + cpu, 0);
  report({ figure: 'processor time of a promotion: all', value: (1_000 * all) / promotions, unit: 'ms' });
  report({ figure: 'cores in use', value: (1_000 * all) / (after.at - before.at), unit: '' });
  const grown = (key: keyof Bus) => after.bus[key] - before.bus[key];
  const bus = [
    ['messages to the bus', grown('in_msgs'), ''],
    ['messages from the bus', grown('out_msgs') - heard.messages, ''],
    ['messages that JetStream stores', grown('stored'), ''],
    ['kilobytes to the bus', grown('in_bytes') / 1_000, 'KB'],
    ['kilobytes from the bus', (grown('out_bytes') - heard.bytes) / 1_000, 'KB'],
  ] as const;
  for (const [what, value, unit] of bus) report({ figure: `${what} per promotion`, value: value / promotions, unit });
  const pushes = after.git.pushes - before.git.pushes;
  const commits = after.git.commits - before.git.commits;
  report({ figure: 'commits per push', value: commits / pushes, unit: '' });
  for (const [who, value] of Object.entries(after.git.requests)) {
    const sent = value - before.git.requests[who as keyof GitCounts['requests']];
    report({ figure: `Git requests per promotion: ${who}`, value: sent / promotions, unit: '' });
  }
  const exactly = { of: 'value', is: '=', limit: 1 } as const;
  report({ figure: 'commits per promotion', value: commits / promotions, unit: '', goal: exactly });
}

/** The children of a process count for it. */
export async function reportMemory(world: World, report: Report): Promise<void> {
  for (const [name, pid] of Object.entries(processesOf(world))) {
    const family = [pid, ...(await childrenOf(pid))];
    // A Git command of the stand-in may end in the meantime.
    const peaks = await Promise.all(family.map((each) => memoryOf(each).catch(() => ({ peak: 0 }))));
    const value = peaks.reduce((sum, { peak }) => sum + peak, 0);
    report({ figure: `peak memory (RSS): ${name}`, value, unit: 'MB' });
  }
}

function processesOf(world: World): Record<string, number> {
  return { ...world.pids(), ...world.surroundings };
}
