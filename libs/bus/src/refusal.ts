import { setTimeout as pause } from 'node:timers/promises';
import { sanitizeLine } from '@k8sta/text';
import { ErrorCode, NatsError } from 'nats';

/** The servers answer and refuse us: a fault of the configuration, theirs or ours. */
export class BusRefusal extends Error {
  override readonly name: string = 'BusRefusal';
  readonly faults: readonly string[];

  constructor(fault: string) {
    super(`NATS cannot be used: ${fault}`);
    this.faults = [fault];
  }
}

/** The permissions of our user do not allow it. */
export class NotPermitted extends BusRefusal {
  override readonly name = 'NotPermitted';
}

/** Why a server refused the first connection; undefined when no server answered, or when its connection broke. */
export function connectionRefusal(error: unknown): BusRefusal | undefined {
  const { code = '' } = error as { code?: string };
  if (/AUTHORIZATION|AUTHENTICATION|BAD_/i.test(code)) {
    return new BusRefusal(
      `the server refuses our user or its secret (${reasonOf(error)}): see K8STA_NATS_USER and the file with its secret`,
    );
  }
  return /TLS|CERT|SSL|UNABLE_TO|ENOENT|EACCES/i.test(code) ? new BusRefusal(reasonOf(error)) : undefined;
}

/** How long a service waits at its start for an answer, in milliseconds: a cluster elects a leader within seconds. */
const patienceMs = 60_000;

/**
 * Does what a service needs to start, again and again while nobody answers. Throws a {@link BusRefusal} that says what to do
 * when the server refuses it.
 */
export async function insist<T>(work: () => Promise<T>): Promise<T> {
  const end = performance.now() + patienceMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof NatsError)) throw error;
      if (!isWithoutLeader(error) || performance.now() > end) throw new BusRefusal(demandOf(error));
    }
    await pause(250);
  }
}

/** Without a leader, a cluster does not answer, or says that JetStream is temporarily unavailable. */
function isWithoutLeader({ code, api_error: refusal }: NatsError): boolean {
  return code === ErrorCode.Timeout || refusal?.err_code === 10_008;
}

function demandOf(error: NatsError): string {
  if (error.isPermissionError()) return `it does not let our user do this (${reasonOf(error)}): grant it`;
  if (error.code === ErrorCode.NoResponders || error.code === ErrorCode.JetStreamNotEnabled) {
    return 'it has no JetStream: start nats-server with --jetstream, or wait until its cluster has a leader';
  }
  if (/replicas/.test(error.message)) return `it says "${reasonOf(error)}": see K8STA_STREAM_REPLICAS`;
  return `it says "${reasonOf(error)}"`;
}

/** The error of NATS or of the network as a sentence, also where nats.js has only a code. */
export function reasonOf(error: unknown): string {
  const { message, code, chainedError } = error as NatsError;
  if (code === ErrorCode.Timeout) return 'no answer in time';
  // A full stream has the same code, and its message in the chained error.
  const behind = chainedError?.message;
  if (code === ErrorCode.NoResponders && (!behind || behind === code)) return 'JetStream does not answer';
  return sanitizeLine(behind || message || String(code));
}

/** The error, with a message for people: nats.js gives that of a full stream only its code, "503". */
export function withReason(error: unknown): unknown {
  if (error instanceof NatsError) error.message = reasonOf(error);
  return error;
}
