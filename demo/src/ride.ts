import type { System } from '@k8sta/sandbox';
import { commitLines, stationShas } from './commits.js';
import { type Announced, type Ending, endingOf } from './ending.js';
import type { Output } from './output.js';
import type { Watch } from './watch.js';
import { post, type Webhook } from './webhook.js';

/** How long the whole ride may take, in milliseconds. */
const rideMs = 150_000;

interface RideOptions {
  readonly webhook: Webhook;
  readonly signal: AbortSignal;
  readonly announced: Announced;
}

/** Posts the webhook, waits until the ride ends as announced, and returns a summary line. Rejects if it ends in another way. */
export async function ride(
  system: System,
  watch: Watch,
  output: Output,
  { webhook, signal, announced }: RideOptions,
): Promise<string> {
  const over = new Promise<Ending>((resolve, reject) => {
    signal.throwIfAborted();
    watch.onEvent((event) => {
      const ending = endingOf(event, announced);
      if (ending) resolve(ending);
    });
    signal.addEventListener('abort', () => reject(signal.reason));
    setTimeout(() => reject(new Error(`the Ticket did not arrive within ${rideMs / 1000} s`)), rideMs).unref();
  });
  // It may reject before it is awaited.
  over.catch(() => {});
  const { ticket, image } = await post(webhook, output.say);
  try {
    const { is, message, isAnnounced } = await over;
    if (!isAnnounced)
      throw new Error(`the Ticket ${is}, which this scenario does not announce${message && `: ${message}`}`);
    const summary = `${ticket} ${image} ${stationShas(await system.repository.log(), ticket)}`;
    return is === 'completed' ? `${is} ${summary}` : `${is}, as this scenario announces: ${summary}: ${message}`;
  } finally {
    output.print(`${commitLines(await system.repository.log()).join('\n')}\n`);
  }
}
