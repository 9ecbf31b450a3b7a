import { doublingMs } from '@k8sta/bus';

const firstMs = 15_000;
const mostMs = 5 * 60_000;

/** What is about to change by itself may take longer, or never change: each look in a row that finds it is later. */
export function lookSoonMs(looks: number): number {
  return doublingMs(looks, { firstMs: 5_000, mostMs });
}

/**
 * How long until the promoter looks again at a pull request that waits for people, from the number of deliveries. A webhook
 * makes it look at once; this is for forges without one. `random`, from 0 to 1, spreads the looks over the last quarter.
 */
export function lookAgainMs(deliveries: number, random: number): number {
  const ms = doublingMs(deliveries, { firstMs, mostMs });
  return Math.round(ms * (0.75 + random / 4));
}
