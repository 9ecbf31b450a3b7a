import { didYouMean, sanitizeLine } from '@k8sta/text';
import { type Fault, type Path, readSource, type Source, valueAt } from '@k8sta/tracks';
import picomatch from 'picomatch';
import type { z } from 'zod';
import { compile, linkFault, templateFaults } from '../message/template.js';
import type { NoticeType } from '../notice.js';
import { isLoopback } from '../receivers/loopback.js';
import type { ReceiverSpec, Rule, Rules } from './rule.js';
import { keysAt, kinds, type RulesFile, rulesFile, type WrittenReceiver, type WrittenRule } from './schema.js';

export interface ParseOptions {
  /** Whether `http:` and SMTP without TLS may be used outside of this host. */
  readonly isInsecureAllowed: boolean;
}

/** What a rule selects that names no events: what needs a person. */
const defaultEvents: readonly NoticeType[] = [
  'ticket.failed',
  'ticket.waiting',
  'ticket.rollingBack',
  'track.checked',
  'dead.letter',
];

const defaultForMs = 10 * 60 * 1_000;

/** Parses a rules file. All faults, each with its line and column. */
export function parseRules(
  path: string,
  text: string,
  { isInsecureAllowed }: ParseOptions,
): { rules: Rules } | { faults: Fault[] } {
  const read = readSource({ path, text });
  if ('faults' in read) return read;
  const { source } = read;
  const parsed = rulesFile.safeParse(source.value);
  if (!parsed.success) {
    return { faults: inOrder(parsed.error.issues.flatMap((issue) => explain(issue, source))) };
  }
  const faults = [
    ...namingFaults(parsed.data),
    ...safetyFaults(parsed.data, isInsecureAllowed),
    ...liquidFaults(parsed.data),
  ];
  if (faults.length > 0) return { faults: inOrder(faults.map(([at, message]) => source.faultAt(at, message))) };
  const { links, receivers, rules } = parsed.data;
  return { rules: { links, receivers: receivers.map(specOf), rules: rules.map(ruleOf) } };
}

function explain(issue: z.core.$ZodIssue, source: Source): Fault[] {
  const { path } = issue;
  const known = keysAt[path.filter((step) => typeof step === 'string').join('.')] ?? [];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const advice = didYouMean(key, known) || `; known are ${known.join(', ')}`;
      return source.faultAt(path, `unknown key "${sanitizeLine(key, 60)}"${advice}`, key);
    });
  }
  const last = path.at(-1);
  if (typeof last === 'string' && valueAt(source.value, path) === undefined) {
    return [source.faultAt(path.slice(0, -1), `"${last}" is missing`)];
  }
  const name = typeof last === 'string' ? `"${last}" ` : path.length === 0 ? 'the file ' : '';
  const message = issue.message.replace(/^Invalid input: /, 'is wrong: ');
  return [source.faultAt(path, `${name}${sanitizeLine(message, 300)}`)];
}

type Found = readonly [Path, string];

function namingFaults({ receivers, rules }: RulesFile): Found[] {
  const names = receivers.map(({ name }) => name);
  const repeated = (list: readonly { name: string }[], key: string) =>
    list.flatMap(({ name }, at): Found[] =>
      list.findIndex((each) => each.name === name) < at
        ? [[[key, at, 'name'], `the name "${name}" is used twice`]]
        : [],
    );
  return [
    ...repeated(receivers, 'receivers'),
    ...repeated(rules, 'rules'),
    ...receivers.flatMap((receiver, at): Found[] => {
      const has = kinds.filter((kind) => receiver[kind] !== undefined);
      return has.length === 1 ? [] : [[['receivers', at], `a receiver has exactly one of ${kinds.join(', ')}`]];
    }),
    ...rules.flatMap(({ to }, at) =>
      to.flatMap((name, which): Found[] =>
        names.includes(name)
          ? []
          : [
              [
                ['rules', at, 'to', which],
                `no receiver is named "${sanitizeLine(name, 63)}"${didYouMean(name, names)}`,
              ],
            ],
      ),
    ),
  ];
}

function safetyFaults({ receivers }: RulesFile, isInsecureAllowed: boolean): Found[] {
  if (isInsecureAllowed) return [];
  const advice = 'only to this host, unless K8STA_NOTIFY_INSECURE is true';
  return receivers.flatMap(({ slack, webhook, email }, at): Found[] => {
    const plain = (address: string | undefined) =>
      address?.startsWith('http:') === true && !isLoopback(new URL(address).hostname);
    const isOpen = email?.tls === 'none' && !isLoopback(email.host);
    return [
      ...(plain(slack?.api) ? [[['receivers', at, 'slack', 'api'], `http:// leads ${advice}`] as const] : []),
      ...(plain(webhook?.url) ? [[['receivers', at, 'webhook', 'url'], `http:// leads ${advice}`] as const] : []),
      ...(isOpen ? [[['receivers', at, 'email', 'tls'], `"none" is ${advice}`] as const] : []),
    ];
  });
}

function liquidFaults({ rules, links }: RulesFile): Found[] {
  const board = links.board === undefined ? undefined : linkFault(links.board);
  return [
    ...(board === undefined ? [] : [[['links', 'board'], board] as const]),
    ...rules.flatMap(({ template = {} }, at) =>
      templateFaults(template).map(([key, message]): Found => [['rules', at, 'template', key], message]),
    ),
  ];
}

function inOrder(faults: Fault[]): Fault[] {
  return faults.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

function specOf(receiver: WrittenReceiver): ReceiverSpec {
  const { name, slack, teams, discord, webhook, email } = receiver;
  if (slack) return { name, kind: 'slack', ...slack };
  if (teams) return { name, kind: 'teams', ...teams };
  if (discord) return { name, kind: 'discord', ...discord };
  if (webhook) return { name, kind: 'webhook', ...webhook };
  if (email) return { name, kind: 'email', ...email };
  throw new TypeError(`the receiver "${name}" has no kind`);
}

function ruleOf({
  name,
  events,
  tracks,
  stations,
  reasons,
  verbs,
  for: forMs = defaultForMs,
  to,
  template = {},
}: WrittenRule): Rule {
  return {
    name,
    events: new Set(events ?? defaultEvents),
    ...(tracks && { tracks: picomatch(tracks) }),
    ...(stations && { stations: picomatch(stations) }),
    ...(reasons && { reasons: new Set(reasons) }),
    ...(verbs && { verbs: new Set(verbs) }),
    forMs,
    to: [...new Set(to)],
    template: compile(template),
  };
}
