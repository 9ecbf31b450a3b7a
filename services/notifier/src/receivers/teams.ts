import type { Message } from '../message/message.js';
import type { ReceiverSpec } from '../rules/rule.js';
import { addressFault } from './address.js';
import { accepted, request } from './http.js';
import type { Receiver } from './receiver.js';
import { faultOf, secretIn } from './secret.js';
import type { ReceiverOptions } from './slack.js';

export type TeamsSpec = Extract<ReceiverSpec, { kind: 'teams' }>;

/** A workflow "Post to a channel when a webhook request is received": it answers 202, and nothing can be changed later. */
export function teams({ name, secretFile }: TeamsSpec, options: ReceiverOptions): Receiver {
  const { secrets, timeoutMs, isInsecureAllowed } = options;
  const secret = secretIn(secrets, secretFile, addressFault(isInsecureAllowed));
  return {
    ...{ name, abilities: { edits: false, replies: false }, knowsRepeats: false },
    check: () => faultOf(secret),
    async send({ message, id }) {
      const read = await secret.read();
      if ('fault' in read) return { is: 'unsent', why: read.fault };
      const body = JSON.stringify(messageOf(message));
      const answer = accepted(await request({ url: read.value, body, timeoutMs, secret: read.value }));
      return 'is' in answer ? answer : { is: 'sent', ref: { id } };
    },
  };
}

/**
 * An Adaptive Card. Text is in runs, which read no Markdown (https://adaptivecards.io/explorer/TextRun.html): a message from
 * outside can make no link. Version 1.4 is the newest that every client of Teams shows.
 */
function messageOf({ subject, body, links }: Message) {
  const runs = (text: string, style: object) => ({
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text, ...style }],
  });
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      runs(subject, { weight: 'Bolder', size: 'Medium' }),
      ...body
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => runs(line, {})),
    ],
    // A card shows six actions at most.
    actions: links.slice(0, 6).map(({ title, url }) => ({ type: 'Action.OpenUrl', title, url })),
  };
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content };
  return { type: 'message', attachments: [attachment] };
}
