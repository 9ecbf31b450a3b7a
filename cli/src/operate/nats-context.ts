import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { BusConnection } from '@k8sta/bus';
import { ConfigError } from '@k8sta/runtime';
import { fileReason, formatIssues, sanitizeLine } from '@k8sta/text';
import { z } from 'zod';

const text = z.string().max(4_096).default('');

/** A context as the NATS CLI writes it; an empty text means that the field is not set. */
const contextFile = z.looseObject({
  url: text,
  user: text,
  password: text,
  token: text,
  creds: text,
  nkey: text,
  cert: text,
  key: text,
  ca: text,
  inbox_prefix: text,
  tls_first: z.boolean().default(false),
  nsc: text,
  user_jwt: text,
  socks_proxy: text,
});

/** The ways to connect that a context may name and that K8sTA does not know. */
const unsupported = ['nsc', 'user_jwt', 'socks_proxy'] as const;

/** How a context connects. */
export interface NatsContext {
  readonly name: string;
  readonly connection: BusConnection;
}

/**
 * The context of the NATS CLI with this name, or the one that `nats context select` has chosen; undefined if none is chosen.
 * Throws a {@link ConfigError} if it cannot be read.
 */
export async function readContext(
  name: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<NatsContext | undefined> {
  const home = environment['HOME'] || homedir();
  const directory = join(environment['XDG_CONFIG_HOME'] || join(home, '.config'), 'nats');
  const chosen = name ?? (await selected(directory));
  if (chosen === undefined) return undefined;
  if (!/^[\w.-]+$/.test(chosen))
    throw new ConfigError([`"${sanitizeLine(chosen, 100)}" cannot be the name of a context`]);
  const path = join(directory, 'context', `${chosen}.json`);
  const written = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError([`the context "${chosen}" of the NATS CLI cannot be read: ${path}: ${fileReason(error)}`]);
  });
  return { name: chosen, connection: connectionOf(parse(written, path), path, home) };
}

async function selected(directory: string): Promise<string | undefined> {
  const name = await readFile(join(directory, 'context.txt'), 'utf8').catch(() => '');
  return name.trim() || undefined;
}

/** Never quotes the file, which may hold a password. */
function parse(written: string, path: string): z.output<typeof contextFile> {
  let json: unknown;
  try {
    json = JSON.parse(written);
  } catch {
    throw new ConfigError([`${path}: it is not JSON`]);
  }
  const context = contextFile.safeParse(json);
  if (!context.success) throw new ConfigError([`${path}: ${formatIssues(context.error)}`]);
  return context.data;
}

function connectionOf(context: z.output<typeof contextFile>, path: string, home: string): BusConnection {
  const fault = unsupported.find((field) => context[field] !== '');
  if (fault) throw new ConfigError([`${path}: k8sta cannot connect with "${fault}"; use user, token, creds or nkey`]);
  const given = (value: string): string | undefined => value || undefined;
  const file = (value: string): string | undefined => given(value.replace(/^~(?=\/)/, home));
  const { url, user, password, token, inbox_prefix: inboxPrefix, tls_first: handshakeFirst } = context;
  const [caFile, certFile, keyFile] = [file(context.ca), file(context.cert), file(context.key)];
  const isEncrypted = handshakeFirst || caFile !== undefined || certFile !== undefined;
  const servers = url.split(',').flatMap((each) => each.trim() || []);
  return {
    servers: servers.length > 0 ? servers : 'nats://127.0.0.1:4222',
    user: given(user),
    password: given(password),
    token: given(token),
    credsFile: file(context.creds),
    nkeySeedFile: file(context.nkey),
    inboxPrefix: given(inboxPrefix),
    ...(isEncrypted && { tls: { caFile, certFile, keyFile, ...(handshakeFirst && { handshakeFirst }) } }),
  };
}
