import { oneLine } from '@k8sta/contracts';
import { ErrorCode, NatsError } from 'nats';

/** The servers are there and will not have us: a fault of the configuration, theirs or ours. */
export class BusRefusal extends Error {
  override readonly name = 'BusRefusal';
  readonly faults: readonly string[];

  constructor(fault: string) {
    super(`NATS cannot be used: ${fault}`);
    this.faults = [fault];
  }
}

/** What a first connection was refused for, in words; undefined when nobody was there, or not for long enough. */
export function connectionRefusal(error: unknown): BusRefusal | undefined {
  const { code = '' } = error as { code?: string };
  if (/AUTHORIZATION|AUTHENTICATION|BAD_/i.test(code)) {
    return new BusRefusal(
      `the server refuses our user or its secret (${reasonOf(error)}): see K8STA_NATS_USER and the file with its secret`,
    );
  }
  return /TLS|CERT|SSL|UNABLE_TO|ENOENT|EACCES/i.test(code) ? new BusRefusal(reasonOf(error)) : undefined;
}

/** Does what a service cannot start without. Throws a {@link BusRefusal} with what to do when the server says no. */
export async function insist<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof NatsError ? new BusRefusal(demandOf(error)) : error;
  }
}

function demandOf(error: NatsError): string {
  if (error.isPermissionError()) return `it does not let our user do this (${reasonOf(error)}): grant it`;
  if (error.code === ErrorCode.NoResponders || error.code === ErrorCode.JetStreamNotEnabled) {
    return 'it has no JetStream: start nats-server with --jetstream, or wait until its cluster has a leader';
  }
  if (/replicas/.test(error.message)) return `it says "${reasonOf(error)}": see K8STA_STREAM_REPLICAS`;
  return `it says "${reasonOf(error)}"`;
}

/** What NATS, or the way to it, says, in words also where nats.js says only a code. */
export function reasonOf(error: unknown): string {
  const { message, code, chainedError } = error as NatsError;
  if (code === ErrorCode.Timeout) return 'no answer in time';
  // A stream that is full has the same code, and its words in the error behind.
  const behind = chainedError?.message;
  if (code === ErrorCode.NoResponders && (!behind || behind === code)) return 'JetStream does not answer';
  return oneLine(behind || message || String(code));
}
