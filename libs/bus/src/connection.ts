import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { inboxOf } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import {
  type Authenticator,
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  Events,
  type NatsConnection,
  nkeyAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
} from 'nats';
import type { Log } from './log.js';
import { logOnce } from './log-once.js';
import { connectionRefusal, reasonOf } from './refusal.js';

/** Where the servers are, and as which user to connect. Files are read for each connection, because secrets rotate. */
export interface BusConnection {
  readonly servers: string | string[];
  readonly user?: string | undefined;
  readonly passwordFile?: string | undefined;
  /** A password, or a token, that is not in a file: a person's, from a context of the NATS CLI. */
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  /** A user's JWT and seed, as `nsc generate creds` writes them. */
  readonly credsFile?: string | undefined;
  readonly nkeySeedFile?: string | undefined;
  /** Set when the connection must be encrypted; without a CA file the system's roots are trusted. */
  readonly tls?: BusTls | undefined;
  /** The first tokens of the subjects of answers. Default: those of the user. */
  readonly inboxPrefix?: string | undefined;
}

export interface BusTls {
  /** Encrypt before the server says anything. */
  readonly handshakeFirst?: boolean | undefined;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/**
 * Connects, retrying until a server answers, and reconnects whenever the connection is lost. Throws a {@link BusRefusal}
 * when a server refuses the first connection; later refusals are retried, because the rotation of a secret takes a while.
 */
export async function openConnection(service: string, to: BusConnection, log: Log): Promise<NatsConnection> {
  const options = connectionOptions(service, to);
  const servers = [to.servers].flat().map((server) => sanitizeLine(server));
  const once = logOnce(log);
  for (;;) {
    try {
      const connection = await connect(options);
      void logStatus(connection, log);
      return connection;
    } catch (error) {
      const refusal = connectionRefusal(error);
      if (refusal) throw refusal;
      const message = reasonOf(error);
      once.failed(message, { servers, message }, 'cannot connect to NATS, retrying');
      await pause(1_000);
    }
  }
}

export function connectionOptions(service: string, to: BusConnection): ConnectionOptions {
  const authenticator = authenticatorOf(to);
  return {
    name: `k8sta-${service}`,
    servers: to.servers,
    inboxPrefix: to.inboxPrefix ?? inboxOf(service),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    // A server that is not NATS would leave us waiting forever.
    timeout: 5_000,
    ignoreAuthErrorAbort: true,
    // Otherwise each publish takes a stack trace in case it fails, which is a fifth of the cost of publishing.
    noAsyncTraces: true,
    ...(authenticator ? { authenticator } : {}),
    ...(to.tls ? { tls: withoutUndefined(to.tls) } : {}),
  };
}

function authenticatorOf(to: BusConnection): Authenticator | undefined {
  const { user, passwordFile, password: given = '', token, credsFile, nkeySeedFile } = to;
  if (credsFile) return credsAuthenticator(rereading(credsFile));
  if (nkeySeedFile) {
    const seed = rereading(nkeySeedFile);
    return nkeyAuthenticator(() => new TextEncoder().encode(textOf(seed())));
  }
  if (token !== undefined) return tokenAuthenticator(token);
  if (user === undefined) return undefined;
  const password = passwordFile ? rereading(passwordFile) : undefined;
  return usernamePasswordAuthenticator(user, () => (password ? textOf(password()) : given));
}

/** The file's bytes, or those of the last read while the file is being replaced: an exception would stop the reconnects. */
function rereading(path: string): () => Uint8Array {
  let last: Uint8Array | undefined;
  return () => {
    try {
      last = readFileSync(path);
    } catch (error) {
      if (!last) throw error;
    }
    return last;
  };
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).trim();
}

async function logStatus(connection: NatsConnection, log: Log): Promise<void> {
  for await (const status of connection.status()) {
    const { permissionContext } = status as typeof status & { permissionContext?: object };
    const fields = { message: sanitizeLine(String(status.data)) };
    if (status.type === Events.Error) log.warn({ ...fields, ...permissionContext }, 'NATS refused an operation');
    else if (status.type === Events.Disconnect) log.warn(fields, 'connection to NATS lost');
    else if (status.type === Events.Reconnect) log.info(fields, 'reconnected to NATS');
  }
}

function withoutUndefined(tls: BusTls): ConnectionOptions['tls'] & object {
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
}
