import { setTimeout as sleep } from 'node:timers/promises';
import { AnsweredWithError, type BusConnection, BusRefusal, openTap, type Tap } from '@k8sta/bus';
import { type ApiInput, type ApiReply, type ApiVerb, actorName, operator } from '@k8sta/contracts';
import { loadConfig, natsConnection, natsOptions } from '@k8sta/runtime';
import { type Command, Option } from 'commander';
import { addNatsFlags } from '../connection-flags.js';
import { environmentOf } from '../option-flags.js';
import { UsageError } from './exit-code.js';
import { readContext } from './nats-context.js';

/** How long to wait for one answer. */
const answerMs = 5_000;

/** How often the CLI sends a request that no tracker answers. The request has an id, so that it stays one word. */
const mostRequests = 2;

/** How often a request is sent that a replica may not answer just now, and how long after the one before. */
const [mostRetries, retryMs] = [5, 500];

/** A connection as the person who speaks. */
export interface Operator {
  readonly actor: string;
  readonly tap: Tap;
  /** Throws an error for people if no tracker answered. */
  call<Verb extends ApiVerb>(verb: Verb, request: ApiInput<Verb>): Promise<ApiReply<Verb>>;
}

/** Adds the flags that say where NATS is and who speaks. */
export function addConnectionFlags(command: Command): Command {
  command.addOption(
    new Option('--as <actor>', 'speak as this actor; default: the NATS user, or else "operator"').env('K8STA_ACTOR'),
  );
  return addNatsFlags(command);
}

/** Does the work on a connection, and closes it. */
export async function asOperator<T>(flags: Flags, work: (as: Operator) => Promise<T>): Promise<T> {
  const connection = await connectionOf(flags, process.env);
  const actor = actorOf(flags, connection);
  const tap = await openTap(connection, actor);
  const call = async <Verb extends ApiVerb>(verb: Verb, request: ApiInput<Verb>): Promise<ApiReply<Verb>> => {
    for (let sent = 0; sent < mostRequests; sent++) {
      const reply = await retrying(() => tap.call(actor, verb, request, answerMs));
      if (reply) return reply;
    }
    throw new BusRefusal('no tracker answers; is K8sTA running on it?');
  };
  try {
    return await work({ actor, tap, call });
  } finally {
    await tap.close();
  }
}

/** A replica that is busy, or whose tracks files are no longer current, asks to be asked again; another may answer then. */
async function retrying<T>(ask: () => Promise<T>): Promise<T> {
  for (let retries = 0; ; retries++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof AnsweredWithError) || error.code !== 503 || retries === mostRetries) throw error;
      await sleep(retryMs);
    }
  }
}

export type Flags = Readonly<Record<string, unknown>>;

/**
 * The connection of the context; flags and variables of K8sTA replace its fields. A password without a user is that of
 * `defaultUser`.
 */
export async function connectionOf(
  flags: Flags,
  environment: NodeJS.ProcessEnv,
  defaultUser: string = operator,
): Promise<BusConnection> {
  const given = environmentOf(natsOptions, flags);
  const named = typeof flags['context'] === 'string' ? flags['context'] : undefined;
  // Without an explicit context, an address from the flags is a connection of its own.
  const context = named === undefined && given['K8STA_NATS_URL'] ? undefined : await readContext(named, environment);
  const user = given['K8STA_NATS_PASSWORD_FILE'] && !given['K8STA_NATS_USER'] ? { K8STA_NATS_USER: defaultUser } : {};
  const own = natsConnection(loadConfig(natsOptions, { ...given, ...user }));
  if (!context) return own;
  const { servers: _default, ...replaced } = own;
  const set = Object.fromEntries(Object.entries(replaced).filter(([, value]) => value !== undefined));
  const { user: contextUser, password, token, credsFile, nkeySeedFile, ...rest } = context.connection;
  const secrets = { user: contextUser, password, token, credsFile, nkeySeedFile };
  const isLogin = ['user', 'passwordFile', 'credsFile', 'nkeySeedFile'].some((field) => field in set);
  return {
    ...rest,
    ...(isLogin ? {} : secrets),
    ...set,
    ...(given['K8STA_NATS_URL'] ? { servers: own.servers } : {}),
  };
}

function actorOf(flags: Flags, { user }: BusConnection): string {
  const actor = typeof flags['as'] === 'string' ? flags['as'] : (user ?? operator);
  const parsed = actorName.safeParse(actor);
  if (!parsed.success) throw new UsageError(`"${actor}" cannot be an actor: --as <actor> names one`);
  return parsed.data;
}
