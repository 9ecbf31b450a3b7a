import type { Answer, Got, HttpReceiver } from './http-receiver.fixture.js';
import { startHttpReceiver } from './http-receiver.fixture.js';

/** A chat system that holds messages, by its id of them. */
export interface Chat extends HttpReceiver {
  readonly messages: Map<string, string>;
}

const json = (body: object, status = 200, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

export const slackToken = 'xoxb-12345-secret';

/** The Web API of Slack, as far as a bot that posts and updates sees it: its failures are 200 with `ok: false`. */
export async function startSlack(port?: number): Promise<Chat> {
  const messages = new Map<string, string>();
  const receiver = await startHttpReceiver(({ path, headers, body }: Got) => {
    if (headers.authorization !== `Bearer ${slackToken}`) return json({ ok: false, error: 'invalid_auth' });
    const { channel, text, ts, thread_ts: thread } = JSON.parse(body);
    if (channel !== 'C0123456789') return json({ ok: false, error: 'channel_not_found' });
    if (path === '/api/chat.postMessage') {
      const id = `1700000000.${String(messages.size + 1).padStart(6, '0')}`;
      messages.set(id, thread ? `(reply to ${thread}) ${text}` : text);
      return json({ ok: true, channel, ts: id });
    }
    if (path !== '/api/chat.update') return json({ ok: false, error: 'unknown_method' });
    if (!messages.has(ts)) return json({ ok: false, error: 'message_not_found' });
    messages.set(ts, text);
    return json({ ok: true, channel, ts });
  }, port);
  return Object.assign(receiver, { messages });
}

/** Slack's answer to too many messages. */
export const slackRateLimit: Answer = json({ ok: false, error: 'ratelimited' }, 429, { 'retry-after': '1' });

export const discordPath = '/api/webhooks/123/discord-secret';

/** A webhook of Discord: it says which message it made only if it is asked to wait. */
export async function startDiscord(): Promise<Chat> {
  const messages = new Map<string, string>();
  const receiver = await startHttpReceiver(({ method, path, body }: Got) => {
    const { content, allowed_mentions: mentions } = JSON.parse(body);
    if (content.length > 2_000) return json({ code: 50_035, message: 'Invalid Form Body' }, 400);
    if (mentions?.parse?.length !== 0) return json({ code: 0, message: 'would mention people' }, 400);
    const url = new URL(path, 'http://discord');
    if (method === 'POST' && url.pathname === discordPath) {
      const id = String(1_000 + messages.size);
      messages.set(id, content);
      return url.searchParams.get('wait') === 'true' ? json({ id, content }) : { status: 204 };
    }
    const [, id = ''] = new RegExp(`^${discordPath}/messages/(\\d+)$`).exec(url.pathname) ?? [];
    if (method !== 'PATCH' || id === '') return json({ code: 10_015, message: 'Unknown Webhook' }, 404);
    if (!messages.has(id)) return json({ code: 10_008, message: 'Unknown Message' }, 404);
    messages.set(id, content);
    return json({ id, content });
  });
  return Object.assign(receiver, { messages });
}

/** Discord's answer to too many messages: seconds as a fraction, in the body. */
export const discordRateLimit: Answer = json(
  { message: 'You are being rate limited.', retry_after: 0.3, global: false },
  429,
  { 'retry-after': '1', 'x-ratelimit-scope': 'shared' },
);
