import type { Report } from '../figure.js';
import { median, percentile } from '../statistics.js';
import type { History } from './history.js';

/** When each Ticket's webhook was posted, in milliseconds since 1970. */
export type Posted = ReadonlyMap<string, number>;

const goal = { of: 'value', is: '>=', limit: 100 } as const;

export function reportSpeed(history: History, posted: Posted, bare: number, report: Report): void {
  const { steps } = history;
  const committed = times(steps, 'promotion.committed');
  if (committed.length === 0) return;
  const startedAt = Math.min(...posted.values());
  const seconds = (Math.max(...committed) - startedAt) / 1_000;
  const rate = committed.length / seconds;
  const figure = 'promotions, compared with bare pushes';
  report({ figure, value: rate, unit: '/s', reference: bare, ratio: rate / bare, goal });
  const first = (Math.min(...committed) - startedAt) / 1_000;
  report({ figure: 'time from the pushes to the first commit', value: first, unit: 's' });
  report({ figure: 'time from the pushes to the last commit', value: seconds, unit: 's' });
  const firsts = firstOf(steps, 'promotion.committed');
  const latencies = [...posted]
    .flatMap(([ticket, at]) => (firsts.get(ticket) ?? Number.NaN) - at)
    .filter(Number.isFinite)
    .sort((one, other) => one - other);
  for (const [name, share] of [['p50', 0.5] as const, ['p99', 0.99] as const]) {
    const value = percentile(latencies, share) / 1_000;
    report({ figure: `time from a webhook to its first commit, ${name}`, value, unit: 's' });
  }
}

/** Reports the median time of each step of a promotion. */
export function reportTimes({ steps }: History, posted: Posted, report: Report): void {
  const between = (from: string, to: string) =>
    [...steps.values()].flatMap((step) => {
      const [start, end] = [step[from], step[to]];
      return start === undefined || end === undefined ? [] : [end - start];
    });
  const requests = [...firstOf(steps, 'promotion.requested')].map(([ticket, at]) => at - (posted.get(ticket) ?? at));
  const parts = [
    ['tracker: from a push until its first request', requests],
    ['promoter: from the request until the branch is fetched', between('promotion.requested', 'promotion.started')],
    ['promoter: from the fetch until the commit is pushed', between('promotion.started', 'promotion.committed')],
    ['Argo CD (stand-in) and tracker: from the push until arrival', between('promotion.committed', 'ticket.arrived')],
  ] as const;
  for (const [figure, ms] of parts) if (ms.length > 0) report({ figure, value: median(ms) / 1_000, unit: 's' });
}

/** When this event was first published, by Ticket. */
function firstOf(steps: History['steps'], type: string): Map<string, number> {
  const firsts = new Map<string, number>();
  for (const [key, { [type]: at }] of steps) {
    const ticket = key.split('/')[0] ?? '';
    if (at !== undefined) firsts.set(ticket, Math.min(firsts.get(ticket) ?? at, at));
  }
  return firsts;
}

function times(steps: History['steps'], type: string): number[] {
  return [...steps.values()].flatMap((step) => step[type] ?? []);
}
