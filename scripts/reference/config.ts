import { commonOptions, type Option, type Options } from '@k8sta/runtime';
import { z } from 'zod';
import { options as argoWatcher } from '../../services/argo-watcher/src/config.js';
import { options as board } from '../../services/board/src/config.js';
import { options as ingest } from '../../services/ingest/src/config.js';
import { options as notifier } from '../../services/notifier/src/config.js';
import { options as promoter } from '../../services/promoter/src/config.js';
import { options as tracker } from '../../services/tracker/src/config.js';
import { code, generatedNote, listed, prose, table } from './table.js';

const services: Readonly<Record<string, Options>> = {
  ingest,
  tracker,
  promoter,
  'argo-watcher': argoWatcher,
  board,
  notifier,
};

export function configReference(): string {
  const common = new Set(Object.values(commonOptions).map(({ env }) => env));
  const own = Object.entries(services).map(([service, options]): [string, Option[]] => [
    service,
    Object.values(options).filter(({ env }) => !common.has(env)),
  ]);
  return [
    generatedNote,
    introduction,
    requiredList(own),
    `## Every service\n\n${optionsTable(Object.values(commonOptions))}`,
    ...own.map(([service, options]) => `## ${service}\n\n${optionsTable(options)}`),
  ]
    .join('\n\n')
    .concat('\n');
}

const introduction = `# Configuration

Each service reads its environment once, when it starts. If anything is wrong, it lists all faults and exits with code 1. An unknown
variable that begins with \`K8STA_\` is a fault too, so that a typing error does not go unnoticed. An empty variable counts as not set.

A name that ends with \`_MS\` is a time in milliseconds. Secrets are in files, and a variable names the file.`;

function requiredList(own: readonly [string, readonly Option[]][]): string {
  const lines = own
    .map(([service, options]) => [service, options.filter(isRequired).map(({ env }) => code(env))] as const)
    .filter(([, required]) => required.length > 0)
    .map(([service, required]) => `- ${service}: ${listed(required)}`);
  return ['Required variables, which have no default:', lines.join('\n')].join('\n\n');
}

function optionsTable(options: readonly Option[]): string {
  return table(
    ['variable', 'value', 'default', 'meaning'],
    options.map((option) => [code(option.env), writtenAs(option), defaultOf(option), prose(option.description)]),
  );
}

function isRequired({ schema }: Option): boolean {
  return !schema.safeParse(undefined).success;
}

function defaultOf(option: Option): string {
  if (isRequired(option)) return '**required**';
  const value = option.schema.parse(undefined);
  // A list that is not set is parsed into an empty array, a Map or a BlockList.
  if (value === undefined || String(value) === '' || String(value).startsWith('[object ')) return 'not set';
  return `${code(String(value))}${option.env.endsWith('_MS') ? readable(Number(value)) : ''}`;
}

const writtenSchema = z.looseObject({
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  format: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});

/** The values that a person may write, from the input side of the schema. */
function writtenAs({ env, schema }: Option): string {
  const written = writtenSchema.parse(z.toJSONSchema(schema, { io: 'input' }));
  if (written.enum) return listed(written.enum.map(code), 'or');
  if (written.type !== 'integer') return written.format === 'uri' ? 'URL' : 'text';
  const unit = env.endsWith('_MS') ? ' ms' : '';
  return `${written.minimum} to ${written.maximum}${unit}`;
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** In the largest unit of which it is a whole number. */
function readable(ms: number): string {
  const unit = units.find(([, size]) => ms > 0 && ms % size === 0);
  return unit ? ` (${ms / unit[1]} ${unit[0]})` : '';
}
