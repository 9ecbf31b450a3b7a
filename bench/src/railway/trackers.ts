import type { Service } from '@k8sta/sandbox';
import type { Report } from '../figure.js';

/** How many steps the trackers have made, by outcome. */
export type StepCounts = Readonly<Record<string, number>>;

/** The same services with so many trackers, which are called `tracker`, `tracker 2` and so on. */
export function withTrackers<Environment>(
  services: readonly (readonly [name: string, Environment])[],
  count = 1,
): (readonly [name: string, Environment])[] {
  const further = (name: string, environment: Environment) =>
    Array.from({ length: count - 1 }, (_, at) => [`${name} ${at + 2}`, environment] as const);
  return [...services, ...services.flatMap((each) => (each[0] === 'tracker' ? further(...each) : []))];
}

export async function countSteps(trackers: readonly Service[]): Promise<StepCounts> {
  const counts: Record<string, number> = {};
  for (const { statusUrl } of trackers) {
    const text = await (await fetch(`${statusUrl}/metrics`)).text();
    for (const [, outcome = '', count] of text.matchAll(/^k8sta_tracker_steps_total\{outcome="(\w+)"\} (\d+)/gm)) {
      counts[outcome] = (counts[outcome] ?? 0) + Number(count);
    }
  }
  return counts;
}

/** A raced step was decided again, because another tracker had saved the Track first. */
export function reportSteps(before: StepCounts, after: StepCounts, promotions: number, report: Report): void {
  for (const [outcome, count] of Object.entries(after)) {
    const value = (count - (before[outcome] ?? 0)) / promotions;
    report({ figure: `steps of the trackers per promotion: ${outcome}`, value, unit: '' });
  }
}
