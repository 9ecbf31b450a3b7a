import { sanitizeLine, tryParseJson } from '@k8sta/text';
import { z } from 'zod';
import type { Message } from '../message/message.js';
import type { ReceiverSpec } from '../rules/rule.js';
import { addressFault } from './address.js';
import { accepted, type HttpAnswer, refusalOf, request } from './http.js';
import type { Delivery, Receiver, Sent } from './receiver.js';
import { faultOf, secretIn } from './secret.js';

export type SlackSpec = Extract<ReceiverSpec, { kind: 'slack' }>;

export interface ReceiverOptions {
  readonly secrets: string;
  readonly timeoutMs: number;
  readonly isInsecureAllowed: boolean;
}

/** With a channel: a bot, which changes its message. Without: an incoming webhook, which can only post. */
export function slack(spec: SlackSpec, options: ReceiverOptions): Receiver {
  return spec.channel === undefined ? incoming(spec, options) : bot(spec, spec.channel, options);
}

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks: it answers "ok", and names no message. */
function incoming(
  { name, secretFile }: SlackSpec,
  { secrets, timeoutMs, isInsecureAllowed }: ReceiverOptions,
): Receiver {
  const secret = secretIn(secrets, secretFile, addressFault(isInsecureAllowed));
  return {
    ...{ name, abilities: { edits: false, replies: false }, knowsRepeats: false },
    check: () => faultOf(secret),
    async send({ message, id }) {
      const read = await secret.read();
      if ('fault' in read) return { is: 'unsent', why: read.fault };
      const body = JSON.stringify({ text: textOf(message), unfurl_links: false });
      const answer = accepted(await request({ url: read.value, body, timeoutMs, secret: read.value }));
      return 'is' in answer ? answer : { is: 'sent', ref: { id } };
    },
  };
}

const reply = z.looseObject({
  ok: z.boolean(),
  error: z.string().optional(),
  ts: z.string().optional(),
  channel: z.string().optional(),
});

/** https://docs.slack.dev/reference/methods/chat.postMessage and chat.update: failures are 200 with `ok: false`. */
function bot(spec: SlackSpec, channel: string, { secrets, timeoutMs }: ReceiverOptions): Receiver {
  const { name, secretFile, api } = spec;
  const isToken = (value: string) => (/^xox[a-z]-[\w-]+$/.test(value) ? undefined : 'does not hold a token of Slack');
  const secret = secretIn(secrets, secretFile, isToken);

  const call = async (method: string, token: string, body: object): Promise<SlackAnswer> => {
    const url = `${api.replace(/\/+$/, '')}/${method}`;
    const headers = { authorization: `Bearer ${token}` };
    return answerOf(await request({ url, headers, body: JSON.stringify(body), timeoutMs, secret: token }));
  };
  const post = async (token: string, { message, ref }: Delivery): Promise<Sent> => {
    // Only replies that are also shown in the channel alert everybody.
    const thread = ref ? { thread_ts: ref.id, reply_broadcast: true } : {};
    const answer = await call('chat.postMessage', token, { channel, ...contentOf(message), ...thread });
    if ('is' in answer) return answer.is === 'unchangeable' ? { ...answer, is: 'refused' } : answer;
    return { is: 'sent', ref: ref ?? { id: answer.ts, channel: answer.channel } };
  };
  return {
    ...{ name, abilities: { edits: true, replies: true }, knowsRepeats: false },
    check: () => faultOf(secret),
    async send(delivery) {
      const { how, message, ref } = delivery;
      const read = await secret.read();
      if ('fault' in read) return { is: 'unsent', why: read.fault };
      if (how === 'post' || !ref) return post(read.value, { ...delivery, ref: undefined });
      const target = { channel: ref.channel ?? channel, ts: ref.id };
      const changed = await call('chat.update', read.value, { ...target, ...contentOf(message) });
      if ('is' in changed && changed.is !== 'unchangeable') return changed;
      // What cannot be changed any more still has a thread.
      const needsReply = how === 'reply' || 'is' in changed;
      return needsReply ? post(read.value, delivery) : { is: 'sent', ref };
    },
  };
}

type SlackAnswer =
  | { readonly ts: string; readonly channel: string }
  | Exclude<Sent, { is: 'sent' }>
  | { readonly is: 'unchangeable'; readonly why: string };

const passing = ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'team_added_to_org'];
const gone = ['message_not_found', 'thread_not_found'];
const unchangeable = ['edit_window_closed', 'cant_update_message'];

function answerOf(answer: HttpAnswer): SlackAnswer {
  if ('is' in answer) return answer;
  if (answer.status !== 200) return refusalOf(answer);
  const { success, data } = reply.safeParse(tryParseJson(answer.text));
  if (!success) return { is: 'unsure', why: 'it answered 200 with something other than the JSON of Slack' };
  const { ok, error = 'no reason', ts = '', channel = '' } = data;
  if (ok) return { ts, channel };
  const why = `Slack answered "${sanitizeLine(error, 100)}"`;
  if (error === 'ratelimited' || error === 'rate_limited' || passing.includes(error)) {
    return { is: 'unsent', why, ...(answer.retryAfterMs !== undefined && { afterMs: answer.retryAfterMs }) };
  }
  if (gone.includes(error)) return { is: 'gone', why };
  return { is: unchangeable.includes(error) ? 'unchangeable' : 'refused', why };
}

function contentOf(message: Message) {
  return { text: textOf(message), unfurl_links: false, unfurl_media: false };
}

/** Slack's markup (https://docs.slack.dev/messaging/formatting-message-text); these three characters are all that it reads. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function textOf({ subject, body, links }: Message): string {
  const shown = links.map(
    ({ title, url }) => `<${escaped(url.replaceAll(/[|<>\s]/g, encodeURIComponent))}|${escaped(title)}>`,
  );
  return [`*${escaped(subject).replaceAll('*', '∗')}*`, escaped(body), shown.join(' · ')]
    .filter((part) => part !== '')
    .join('\n');
}
