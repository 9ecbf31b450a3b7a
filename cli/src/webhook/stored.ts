import { type AnyUnwrapped, BusRefusal, type Tap, type Unwrapped } from '@k8sta/bus';
import { formatImage } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { fields, imageText, table } from '../operate/output.js';

/** A webhook that the bus holds. */
export interface StoredWebhook {
  readonly sequence: number;
  readonly event: Unwrapped<'delivery.received'>;
}

/** How much of an id a list shows; so much of it is enough to name a webhook. */
const shownLength = 12;

export async function storedWebhooks(tap: Tap): Promise<StoredWebhook[]> {
  const found: StoredWebhook[] = [];
  await tap.held('K8STA_DELIVERIES', (event: AnyUnwrapped, sequence) => {
    if (event.type === 'delivery.received') found.push({ sequence, event });
  });
  return found;
}

/** The newest webhook whose id begins so. Throws an error for people if there is none, or if several have such an id. */
export function findWebhook(webhooks: readonly StoredWebhook[], id: string): StoredWebhook {
  const matching = webhooks.filter(({ event }) => event.data.delivery.startsWith(id));
  const ids = new Set(matching.map(({ event }) => `${event.data.sender} ${event.data.delivery}`));
  if (ids.size > 1) throw new BusRefusal(`${ids.size} webhooks have an id that begins with "${sanitizeLine(id, 100)}"`);
  const last = matching.at(-1);
  if (last) return last;
  throw new BusRefusal(`the bus holds no webhook "${sanitizeLine(id, 100)}"; webhooks are kept for a day`);
}

/** One line for each webhook, the newest last. */
export function listWebhooks(webhooks: readonly StoredWebhook[]): string {
  if (webhooks.length === 0) return 'the bus holds no webhook\n';
  const rows = webhooks.map(({ event: { data } }) => [
    data.receivedAt,
    data.sender,
    data.provenBy ?? '-',
    data.delivery.slice(0, shownLength),
    imagesOf(data) || '-',
  ]);
  return table(['RECEIVED', 'SENDER', 'SECRET', 'ID', 'IMAGES'], rows);
}

/** Everything about one webhook. The body comes last, as it was stored. */
export function showWebhook({ sequence, event: { data, traceparent } }: StoredWebhook): string {
  const head = fields([
    ['sender', data.sender],
    ['secret', data.provenBy],
    ['id', data.delivery],
    ['received', data.receivedAt],
    ['type', data.contentType],
    ['sequence', String(sequence)],
    ['trace', traceparent],
    ...(data.pushes ?? []).map(({ image, pushedAt }) => ['image', `${imageText(image)}, pushed ${pushedAt}`] as const),
    ...(data.opens ?? []).map(({ ticket, track }) => ['ticket', `${ticket} on ${track}`] as const),
  ]);
  return `${head}\n${printable(data.body)}\n`;
}

/** Without control characters, which a terminal would obey. */
function printable(body: string): string {
  return body.replace(/[^\P{C}\n\t]/gu, '\u{fffd}');
}

function imagesOf({ pushes = [] }: StoredWebhook['event']['data']): string {
  const [first, ...more] = pushes.map(({ image }) => formatImage(image));
  return first === undefined ? '' : more.length > 0 ? `${first} and ${more.length} more` : first;
}
