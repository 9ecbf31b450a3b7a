import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { inboxOf } from '@k8sta/contracts';
import {
  type Authenticator,
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  Events,
  type NatsConnection,
  nkeyAuthenticator,
  usernamePasswordAuthenticator,
} from 'nats';
import type { Log } from './log.js';

/** Where the servers are, and as whom to connect. Files are read again for each connection: they may have rotated. */
export interface BusConnection {
  readonly servers: string | string[];
  readonly user?: string | undefined;
  readonly passwordFile?: string | undefined;
  /** A user's JWT and seed, as `nsc generate creds` writes them. */
  readonly credsFile?: string | undefined;
  readonly nkeySeedFile?: string | undefined;
  /** Present where the connection is to be encrypted; without a CA file the system's roots are trusted. */
  readonly tls?: BusTls | undefined;
}

export interface BusTls {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** The servers are there and will not have us: a fault of the configuration, theirs or ours. */
export class BusRefusal extends Error {
  override readonly name = 'BusRefusal';
  readonly faults: readonly string[];

  constructor(fault: string) {
    super(`NATS cannot be used: ${fault}`);
    this.faults = [fault];
  }
}

/**
 * Connects, for as long as it takes when nobody is there, and again whenever the connection is lost. Throws a
 * {@link BusRefusal} when the first connection is refused; later ones are tried again, because rotation takes a while.
 */
export async function openConnection(service: string, to: BusConnection, log: Log): Promise<NatsConnection> {
  const options = connectionOptions(service, to);
  for (;;) {
    try {
      const connection = await connect(options);
      void logStatus(connection, log);
      return connection;
    } catch (error) {
      const fault = refusal(error);
      if (fault) throw new BusRefusal(fault);
      log.warn({ err: error }, 'NATS is not there yet; trying again');
      await pause(1_000);
    }
  }
}

export function connectionOptions(service: string, to: BusConnection): ConnectionOptions {
  const authenticator = authenticatorOf(to);
  return {
    name: `k8sta-${service}`,
    servers: to.servers,
    inboxPrefix: inboxOf(service),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    ignoreAuthErrorAbort: true,
    ...(authenticator ? { authenticator } : {}),
    ...(to.tls ? { tls: withoutUndefined(to.tls) } : {}),
  };
}

function authenticatorOf({ user, passwordFile, credsFile, nkeySeedFile }: BusConnection): Authenticator | undefined {
  if (credsFile) return credsAuthenticator(rereading(credsFile));
  if (nkeySeedFile) {
    const seed = rereading(nkeySeedFile);
    return nkeyAuthenticator(() => new TextEncoder().encode(textOf(seed())));
  }
  if (user === undefined) return undefined;
  const password = passwordFile ? rereading(passwordFile) : () => new Uint8Array();
  return usernamePasswordAuthenticator(user, () => textOf(password()));
}

/** The file's bytes now, or the last ones while it is being replaced: an exception would end the connection for good. */
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

/** What was refused, in words; undefined when it was no refusal: nobody was there, or not for long enough. */
function refusal(error: unknown): string | undefined {
  const { code = '', message } = error as { code?: string; message: string };
  if (/AUTHORIZATION|AUTHENTICATION|BAD_/i.test(code)) return `the server refuses our user or its secret (${message})`;
  if (/TLS|CERT|SSL|UNABLE_TO|ENOENT|EACCES/i.test(code)) return message;
  return undefined;
}

async function logStatus(connection: NatsConnection, log: Log): Promise<void> {
  for await (const status of connection.status()) {
    const { permissionContext, ...fields } = status as typeof status & { permissionContext?: object };
    if (status.type === Events.Error) log.warn({ ...fields, ...permissionContext }, 'NATS refused something');
    else if (status.type === Events.Disconnect) log.warn(fields, 'the connection to NATS was lost');
    else if (status.type === Events.Reconnect) log.info(fields, 'NATS is there again');
  }
}

function withoutUndefined(tls: BusTls): ConnectionOptions['tls'] & object {
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
}
