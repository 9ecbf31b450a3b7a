import { type PromotionFailure, promotionFailure } from '@k8sta/contracts';
import { Counter, Histogram, type Registry } from 'prom-client';

/** The result of a promotion part. */
type Ending = 'committed' | 'unchanged' | PromotionFailure;

export interface Metrics {
  ended(ending: Ending, seconds: number): void;
  pushLost(): void;
}

/** The promoter's own metrics. */
export function createMetrics(registry: Registry): Metrics {
  const registers = [registry];
  const parts = new Counter({
    name: 'k8sta_promoter_parts_total',
    help: 'Answered promotion parts, by outcome: committed, unchanged (the files already named the image), or the reason of the failure.',
    labelNames: ['outcome'],
    registers,
  });
  // Every series exists from the start, so that the first event is an increase.
  for (const outcome of ['committed', 'unchanged', ...promotionFailure.options]) parts.inc({ outcome }, 0);
  const retries = new Counter({
    name: 'k8sta_promoter_push_retries_total',
    help: 'Pushes that lost a race and that the promoter retried.',
    registers,
  });
  const duration = new Histogram({
    name: 'k8sta_promoter_promotion_seconds',
    help: 'From the start of a promotion part to its answer, including the wait for the branch.',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  });
  return {
    ended(ending, seconds) {
      parts.inc({ outcome: ending });
      duration.observe(seconds);
    },
    pushLost: () => retries.inc(),
  };
}
