import nodegit, { type ProxyOptions, type RemoteCallbacks, type Repository } from 'nodegit';
import { Authentication } from './authentication.js';
import { RemoteError } from './fault.js';
import type { Remote } from './protocol.js';

/** How a job shows that it is alive. */
export interface Progress {
  /** The job starts to wait for its remote, or for this one of its other repositories. */
  contact(elsewhere?: number): void;
  /** The remote sent something, or work on this side continues. */
  alive(): void;
  /** The job does not wait for its remote any more. */
  local(): void;
  /** A fetch has received so many objects. */
  received?(objects: number, total: number): void;
  /** A sentence for people about why the job takes long. */
  note?(text: string): void;
}

/** What the server said about each ref, and its text for people. */
export interface ServerWords {
  readonly refs: Map<string, string>;
  sideband: string;
}

const maxSideband = 2_048;

/** An open connection to a remote, with the refs that the remote advertised on it. */
export interface Connection {
  readonly remote: nodegit.Remote;
  /** The options for a fetch or a push on this connection. */
  readonly options: {
    readonly callbacks: RemoteCallbacks;
    readonly customHeaders: string[];
    readonly proxyOpts: ProxyOptions;
  };
  /** The commit id of each ref. */
  readonly refs: ReadonlyMap<string, string>;
  readonly words: ServerWords;
}

/** Connects for a fetch or a push and reads the advertised refs. The message of an error is for people. */
export async function connect(
  repository: Repository,
  address: Remote,
  direction: nodegit.Enums.DIRECTION,
  progress: Progress,
): Promise<Connection> {
  const words: ServerWords = { refs: new Map(), sideband: '' };
  const authentication = new Authentication(address);
  const callbacks = callbacksOf(authentication, progress, words);
  const customHeaders = authentication.headers;
  const proxyOpts = proxyOf(address);
  const remote = await nodegit.Remote.createAnonymous(repository, address.url);
  progress.contact();
  try {
    await remote.connect(direction, callbacks, proxyOpts, customHeaders);
  } catch (error) {
    throw authentication.fault === undefined ? error : new RemoteError(authentication.fault);
  }
  progress.alive();
  const heads: { name(): string; oid(): nodegit.Oid }[] = await remote.referenceList();
  return {
    remote,
    options: { callbacks, customHeaders, proxyOpts },
    words,
    refs: new Map(heads.map((head) => [head.name(), head.oid().tostrS()])),
  };
}

/** Without a proxy of its own, a remote is reached through the one that the environment names (HTTPS_PROXY, NO_PROXY). */
function proxyOf({ proxy }: Remote): ProxyOptions {
  const { AUTO, SPECIFIED } = nodegit.Proxy.PROXY;
  return proxy === undefined ? { type: AUTO } : { type: SPECIFIED, url: proxy };
}

function callbacksOf(authentication: Authentication, progress: Progress, words: ServerWords): RemoteCallbacks {
  const alive = () => {
    progress.alive();
    return 0;
  };
  return {
    credentials: () => authentication.answer(),
    // Without this callback nodegit accepts certificates and host keys that libgit2 could not verify.
    certificateCheck: (_certificate: unknown, valid: boolean | number) => (valid ? 0 : -1),
    transferProgress: (stats) => {
      progress.received?.(stats.receivedObjects(), stats.totalObjects());
      return alive();
    },
    pushTransferProgress: alive,
    sidebandProgress: (text, length) => {
      words.sideband = (words.sideband + text.slice(0, length)).slice(0, maxSideband);
      return alive();
    },
    pushUpdateReference: (ref, message) => {
      words.refs.set(ref, message ?? '');
      return alive();
    },
  };
}
