import {
  deadReason,
  label,
  promotionFailure,
  supersedeReason,
  ticketFailure,
  trackFinding,
  waitReason,
  wordVerb,
} from '@k8sta/contracts';
import { didYouMean, sanitizeLine } from '@k8sta/text';
import { parseDuration } from '@k8sta/tracks';
import { z } from 'zod';
import { noticeTypes } from '../notice.js';

const knownReasons = [
  ...new Set<string>([
    ...waitReason.options,
    ...ticketFailure.options,
    ...promotionFailure.options,
    ...trackFinding.options,
    ...supersedeReason.options,
    ...deadReason.options,
  ]),
];

/** One of these words, with a proposal where it is misspelled. */
const wordOf = (what: string, known: readonly string[]) =>
  z.string().superRefine((text, context) => {
    if (known.includes(text)) return;
    context.addIssue({
      code: 'custom',
      message: `"${sanitizeLine(text, 60)}" is not ${what}${didYouMean(text, known)}`,
    });
  });

const secretFile = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/, 'must be the name of a file in K8STA_NOTIFY_SECRETS, without a path');

const address = z
  .string()
  .max(2_000)
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'must be an address: https://...')
  .refine((text) => !URL.canParse(text) || new URL(text).username === '', 'must not contain a user or a password');

const glob = z.string().min(1).max(200);
const line = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\p{C}]+$/u, 'must be one line');
const list = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).max(1_000);

/** A Ticket is open for at most 14 days by default. */
const longestMs = 14 * 24 * 60 * 60 * 1_000;

const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined && ms <= longestMs) return ms;
  context.addIssue({ code: 'custom', message: 'must be a duration such as "0s", "10m" or "1h30m", at most 336h' });
  return z.NEVER;
});

const slack = z.strictObject({
  secretFile,
  channel: line.optional(),
  api: address.default('https://slack.com/api'),
});
const teams = z.strictObject({ secretFile });
const discord = z.strictObject({ secretFile });
const webhook = z.strictObject({ url: address, secretFile });
const email = z.strictObject({
  host: line,
  port: z.int().min(1).max(65_535).default(587),
  tls: z.enum(['starttls', 'implicit', 'none']).default('starttls'),
  user: line.optional(),
  secretFile: secretFile.optional(),
  from: line,
  to: list(line),
});

export const kinds = ['slack', 'teams', 'discord', 'webhook', 'email'] as const;

const receiver = z.strictObject({
  name: label,
  slack: slack.optional(),
  teams: teams.optional(),
  discord: discord.optional(),
  webhook: webhook.optional(),
  email: email.optional(),
});

const template = z.strictObject({
  subject: z.string().max(2_000).optional(),
  body: z.string().max(20_000).optional(),
});

const rule = z.strictObject({
  name: label,
  events: list(wordOf('an event of a rule', noticeTypes).pipe(z.enum(noticeTypes))).optional(),
  tracks: list(glob).optional(),
  stations: list(glob).optional(),
  reasons: list(wordOf('a reason', knownReasons)).optional(),
  verbs: list(wordOf('a word of operators', wordVerb.options)).optional(),
  for: duration.optional(),
  to: list(z.string()),
  template: template.optional(),
});

export const rulesFile = z.strictObject({
  links: z.strictObject({ argoCd: address.optional(), board: z.string().max(2_000).optional() }).default({}),
  receivers: z.array(receiver).max(200),
  rules: z.array(rule).max(1_000),
});
export type RulesFile = z.output<typeof rulesFile>;
export type WrittenRule = RulesFile['rules'][number];
export type WrittenReceiver = RulesFile['receivers'][number];

/** The keys of the objects in the file, by the text keys of their path, for messages. */
export const keysAt: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(rulesFile.shape),
  links: ['argoCd', 'board'],
  receivers: Object.keys(receiver.shape),
  'receivers.slack': Object.keys(slack.shape),
  'receivers.teams': Object.keys(teams.shape),
  'receivers.discord': Object.keys(discord.shape),
  'receivers.webhook': Object.keys(webhook.shape),
  'receivers.email': Object.keys(email.shape),
  rules: Object.keys(rule.shape),
  'rules.template': Object.keys(template.shape),
};
