import {
  commitSha,
  digest,
  imageRef,
  label,
  partCommit,
  promotedApplication,
  stationRecord,
  subdomain,
  tag,
  ticketState,
} from '@k8sta/contracts';
import { z } from 'zod';
import { code, prose, table } from './table.js';

/** The part of JSON Schema that zod writes for the wire. */
interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

function jsonOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
}

/** Objects that occur in many events. The page describes each once, under a heading of this name. */
export const shapes = {
  image: imageRef,
  'promoted application': promotedApplication,
  'part commit': partCommit,
  'station record': stationRecord,
  'ticket state': ticketState,
} as const;

const shapeNames = new Map(Object.entries(shapes).map(([name, schema]) => [signatureOf(jsonOf(schema)), name]));

/** Text formats, recognised by their pattern. */
export const forms = {
  name: { schema: label, what: 'a DNS label: lower-case letters, digits and `-`, at most 63 characters' },
  'Kubernetes name': { schema: subdomain, what: 'one or more names separated by dots, at most 253 characters' },
  tag: { schema: tag, what: 'an image tag' },
  digest: { schema: digest, what: '`sha256:…`' },
  'commit id': { schema: commitSha, what: 'a full Git commit id' },
} as const;

const formNames = new Map(Object.entries(forms).map(([name, { schema }]) => [jsonOf(schema).pattern, name]));

/** The fields of an object as a table; a field of a nested object is named by its path. */
export function fieldsTable(schema: z.ZodType): string {
  return table(['field', 'type', 'meaning'], rowsOf(jsonOf(schema), ''));
}

function rowsOf({ properties = {}, required = [] }: JsonSchema, path: string): string[][] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const at = `${path}${name}`;
    const optional = required.includes(name) ? '' : ', optional';
    const row = [code(at), `${typeOf(schema)}${optional}`, prose(schema.description ?? '')];
    if (isNamed(schema)) return [row];
    if (schema.items?.properties && !isNamed(schema.items)) return [row, ...rowsOf(schema.items, `${at}[].`)];
    return [row, ...rowsOf(schema, `${at}.`)];
  });
}

function typeOf(schema: JsonSchema): string {
  const shape = shapeNames.get(signatureOf(schema));
  if (shape !== undefined) return `[${shape}](#${anchorOf(shape)})`;
  if (schema.const !== undefined) return code(String(schema.const));
  if (schema.enum) return schema.enum.map((value) => code(String(value))).join(' | ');
  if (schema.format === 'date-time') return 'time';
  if (schema.pattern === '^\\d+$') return 'digits';
  if (schema.pattern !== undefined) return formNames.get(schema.pattern) ?? 'text';
  switch (schema.type) {
    case 'string':
      return 'text';
    case 'integer':
      return 'integer';
    case 'array':
      return `list of ${schema.items?.properties && !isNamed(schema.items) ? 'objects' : typeOf(schema.items ?? {})}`;
    case undefined:
      return 'anything';
    default:
      return schema.type;
  }
}

function isNamed(schema: JsonSchema): boolean {
  return shapeNames.has(signatureOf(schema));
}

/** Two schemas that differ only in their descriptions have the same signature. */
function signatureOf(schema: object): string {
  const { $schema: _schema, description: _description, ...rest } = schema as Record<string, unknown>;
  return JSON.stringify(rest, (_key, value) =>
    value && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** The anchor that GitHub derives from a heading. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-');
}
