import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Line, type System, storefront } from '@k8sta/sandbox';
import { tryParseJson } from '@k8sta/text';
import { z } from 'zod';

export const senders = ['dockerhub', 'ghcr'] as const;
export type SenderName = (typeof senders)[number];

/** A webhook as its sender posts it. */
export interface Webhook {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The Track of the demo, with the image where this sender has it. */
export function lineOf(sender: SenderName): Line {
  return sender === 'ghcr' ? { ...storefront, image: `ghcr.io/${storefront.image}` } : storefront;
}

const fixtures: Readonly<Record<SenderName, string>> = {
  dockerhub: 'dockerhub/push.json',
  ghcr: 'ghcr/package.json',
};

/** What the sender posted when an image was pushed. */
export async function capturedWebhook(system: System, sender: SenderName): Promise<Webhook> {
  const file = new URL(`../../services/ingest/src/senders/fixtures/${fixtures[sender]}`, import.meta.url);
  return webhookWith(system, sender, await readFile(file, 'utf8'));
}

/** A webhook for another tag, with no more than K8sTA reads of it. */
export function shortWebhook(system: System, sender: SenderName, tag: string): Webhook {
  const version = { container_metadata: { tag: { name: tag } } };
  const pushed = { name: 'storefront', package_type: 'CONTAINER', owner: { login: 'acme' }, package_version: version };
  const body =
    sender === 'ghcr'
      ? { action: 'published', package: pushed }
      : { push_data: { tag }, repository: { repo_name: system.line.image } };
  return webhookWith(system, sender, JSON.stringify(body));
}

function webhookWith({ webhookUrl, ghcr }: System, sender: SenderName, body: string): Webhook {
  const json = { 'content-type': 'application/json' };
  if (sender === 'dockerhub') return { url: webhookUrl, headers: json, body };
  const signature = createHmac('sha256', ghcr.secret).update(body).digest('hex');
  return { url: ghcr.url, headers: { ...json, 'x-hub-signature-256': `sha256=${signature}` }, body };
}

/** The answer of ingest when it has opened a Ticket. */
const accepted = z.object({
  tickets: z.tuple([z.object({ ticket: z.string(), image: z.string() })]).rest(z.unknown()),
});

/** Posts the webhook, and returns the Ticket that ingest has opened. Throws if it has opened none. */
export async function post(
  { url, headers, body }: Webhook,
  say: (line: string) => void,
): Promise<{ ticket: string; image: string }> {
  const answer = await fetch(url, { method: 'POST', headers, body });
  const text = (await answer.text()).trim();
  say(`ingest answered ${answer.status} ${text}`);
  const read = accepted.safeParse(tryParseJson(text));
  if (!answer.ok || !read.success) throw new Error(`ingest did not open a Ticket: ${answer.status} ${text}`);
  return read.data.tickets[0];
}
