import { tryParseJson } from '@k8sta/text';
import { z } from 'zod';
import type { Message } from '../message/message.js';
import type { ReceiverSpec } from '../rules/rule.js';
import { addressFault } from './address.js';
import { type HttpAnswer, refusalOf, request } from './http.js';
import type { Receiver, Sent } from './receiver.js';
import { faultOf, secretIn } from './secret.js';
import type { ReceiverOptions } from './slack.js';

export type DiscordSpec = Extract<ReceiverSpec, { kind: 'discord' }>;

/** https://discord.com/developers/docs/resources/webhook#execute-webhook: with `wait=true` it answers with the message. */
export function discord({ name, secretFile }: DiscordSpec, options: ReceiverOptions): Receiver {
  const { secrets, timeoutMs, isInsecureAllowed } = options;
  const secret = secretIn(secrets, secretFile, addressFault(isInsecureAllowed));
  const call = async (webhook: string, method: 'POST' | 'PATCH', url: URL, message: Message): Promise<DiscordAnswer> =>
    answerOf(await request({ method, url: url.href, body: contentOf(message), timeoutMs, secret: webhook }));

  return {
    // A webhook cannot reply: a new problem is a message of its own.
    ...{ name, abilities: { edits: true, replies: false }, knowsRepeats: false },
    check: () => faultOf(secret),
    async send({ how, message, ref }) {
      const read = await secret.read();
      if ('fault' in read) return { is: 'unsent', why: read.fault };
      if (how !== 'post' && ref) {
        const at = new URL(read.value);
        at.pathname = `${at.pathname.replace(/\/+$/, '')}/messages/${encodeURIComponent(ref.id)}`;
        const changed = await call(read.value, 'PATCH', at, message);
        if ('is' in changed) return changed;
        if (how === 'edit') return { is: 'sent', ref };
      }
      const to = new URL(read.value);
      to.searchParams.set('wait', 'true');
      const posted = await call(read.value, 'POST', to, message);
      if ('is' in posted) return posted;
      return { is: 'sent', ref: ref ?? { id: posted.id } };
    },
  };
}

type DiscordAnswer = { readonly id: string } | Exclude<Sent, { is: 'sent' }>;

const posted = z.looseObject({ id: z.string().min(1).max(100) });
const rateLimit = z.looseObject({ retry_after: z.number().min(0).max(86_400) });
const fault = z.looseObject({ code: z.int() });
/** https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes */
const unknownMessage = 10_008;

function answerOf(answer: HttpAnswer): DiscordAnswer {
  if ('is' in answer) return answer;
  const json = tryParseJson(answer.text);
  if (answer.status === 200) {
    const { success, data } = posted.safeParse(json);
    return success ? { id: data.id } : { is: 'unsure', why: 'it answered 200 without a message' };
  }
  if (answer.status === 429) {
    // The header is rounded up to seconds; the body is exact.
    const { data } = rateLimit.safeParse(json);
    return refusalOf({ ...answer, ...(data && { retryAfterMs: data.retry_after * 1_000 }) });
  }
  const isGone = answer.status === 404 && fault.safeParse(json).data?.code === unknownMessage;
  return isGone ? { is: 'gone', why: 'Discord does not know the message any more' } : refusalOf(answer);
}

/** The longest content that Discord takes. */
const longest = 2_000;
/** Shows no preview of a link. */
const suppressEmbeds = 4;

/** `allowed_mentions` keeps a text from outside from alerting everybody; its Markdown is escaped. */
function contentOf({ subject, body, links }: Message): string {
  const shown = links.map(({ title, url }) => `[${escaped(title)}](<${url.replaceAll(/[<>\s]/g, '')}>)`).join(' · ');
  const head = `**${escaped(subject)}**`;
  const room = longest - head.length - shown.length - 2;
  const text = escaped(body);
  const middle =
    text.length <= room ? text : `${text.slice(0, Math.max(room - 1, 0)).replace(/[\uD800-\uDBFF\\]$/, '')}…`;
  const content = [head, middle, shown]
    .filter((part) => part !== '')
    .join('\n')
    .slice(0, longest);
  return JSON.stringify({ content, allowed_mentions: { parse: [] }, flags: suppressEmbeds });
}

function escaped(text: string): string {
  return text.replaceAll(/[\\*_~`|>[\]#-]/g, '\\$&');
}
