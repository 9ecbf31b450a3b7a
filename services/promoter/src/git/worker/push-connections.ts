import { isDeepStrictEqual } from 'node:util';
import nodegit, { type Repository } from 'nodegit';
import type { Chain } from './commit-chain.js';
import { type Connection, connect, type Progress } from './connection.js';
import type { Mirror } from './mirror.js';
import type { Remote } from './protocol.js';

/** How long a connection may wait for its push. Git servers keep an idle connection open for five seconds or more. */
const holdMs = 3_000;

/** A connection for a push, with the handle that it belongs to. */
export interface PushConnection extends Connection {
  readonly repository: Repository;
  readonly address: Remote;
  readonly progress: Relay;
}

interface Held {
  readonly connection: PushConnection;
  /** The commits that the push will probably send; undefined if they could not be made. */
  readonly chain: Promise<Chain | undefined>;
  readonly timer: NodeJS.Timeout;
}

/**
 * The open push connections of a mirror. A plan reads the tip of the branch on a connection that its push then uses, so
 * both together cost as many requests as a bare push. The tip that the server advertised is the old value of the push:
 * if the branch moves in the meantime, the server refuses the push.
 */
export class PushConnections {
  readonly #mirror: Mirror;
  readonly #held = new Map<string, Held>();

  constructor(mirror: Mirror) {
    this.#mirror = mirror;
  }

  async open(address: Remote, progress: Progress): Promise<PushConnection> {
    const relay = new Relay(progress);
    const repository = await this.#mirror.borrow();
    const connection = await connect(repository, address, nodegit.Enums.DIRECTION.PUSH, relay);
    relay.local();
    return { ...connection, repository, address, progress: relay };
  }

  /** Closes a connection that no push follows on. */
  async close({ remote, repository }: PushConnection): Promise<void> {
    await remote.disconnect();
    this.#mirror.giveBack(repository);
  }

  /** Keeps the connection for the push of this branch, for a short time. */
  hold(branch: string, connection: PushConnection, chain: Held['chain']): void {
    this.#drop(branch);
    const timer = setTimeout(() => this.#drop(branch), holdMs).unref();
    this.#held.set(branch, { connection, chain, timer });
  }

  /** The connection that was kept for the push of this branch, with its commits. */
  async take(
    address: Remote,
    branch: string,
    progress: Progress,
  ): Promise<{ connection: PushConnection; chain: Chain | undefined } | undefined> {
    const held = this.#held.get(branch);
    if (!held) return undefined;
    // The credential may have changed.
    if (!isDeepStrictEqual(held.connection.address, address)) return undefined;
    this.#held.delete(branch);
    clearTimeout(held.timer);
    held.connection.progress.to = progress;
    return { connection: held.connection, chain: await held.chain };
  }

  /** Lets go of all connections, because the mirror is closed. */
  forget(): void {
    for (const branch of this.#held.keys()) this.#drop(branch);
  }

  #drop(branch: string): void {
    const held = this.#held.get(branch);
    if (!held) return;
    this.#held.delete(branch);
    clearTimeout(held.timer);
    // One thread at a time may use the handle: first the commits, then the end of the connection.
    void held.chain.then(() => this.close(held.connection)).catch(() => {});
  }
}

/** Passes progress on to the job that uses the connection now. */
class Relay implements Progress {
  to: Progress;

  constructor(to: Progress) {
    this.to = to;
  }

  contact(): void {
    this.to.contact();
  }

  alive(): void {
    this.to.alive();
  }

  local(): void {
    this.to.local();
  }

  note(text: string): void {
    this.to.note?.(text);
  }
}
