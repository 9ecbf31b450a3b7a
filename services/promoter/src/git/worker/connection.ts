import nodegit, { type RemoteCallbacks, type Repository } from 'nodegit';
import { RemoteError } from './fault.js';
import type { Remote } from './protocol.js';

/** How a job shows that it is alive. */
export interface Progress {
  /** The job starts to wait for its remote. */
  contact(): void;
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
  readonly options: { readonly callbacks: RemoteCallbacks; readonly customHeaders: string[] };
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
  const credentials = new Credentials(address);
  const callbacks = callbacksOf(credentials, progress, words);
  const customHeaders = authorization(address);
  const remote = await nodegit.Remote.createAnonymous(repository, address.url);
  progress.contact();
  try {
    await remote.connect(direction, callbacks, null, customHeaders);
  } catch (error) {
    // libgit2 drops the error that a callback throws.
    throw credentials.fault === undefined ? error : new RemoteError(credentials.fault);
  }
  progress.alive();
  const heads: { name(): string; oid(): nodegit.Oid }[] = await remote.referenceList();
  return {
    remote,
    options: { callbacks, customHeaders },
    words,
    refs: new Map(heads.map((head) => [head.name(), head.oid().tostrS()])),
  };
}

/**
 * The header goes out with the first request, which saves one request that the server would answer with 401. libgit2
 * follows no redirect to another host (see mirror.ts), so no other host can see it.
 */
function authorization({ username = 'git', password }: Remote): string[] {
  if (password === undefined) return [];
  return [`Authorization: Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`];
}

/** Names the fault when the server asks for credentials: we have sent ours already, if we have any. */
class Credentials {
  fault: string | undefined;
  readonly #address: Remote;

  constructor(address: Remote) {
    this.#address = address;
  }

  refuse(): never {
    this.fault =
      this.#address.password === undefined
        ? 'the Git server asks for credentials, and K8STA_GIT_CREDENTIALS_FILE has none for it'
        : 'the Git server did not accept the credentials; check K8STA_GIT_CREDENTIALS_FILE';
    throw new Error(this.fault);
  }
}

function callbacksOf(credentials: Credentials, progress: Progress, words: ServerWords): RemoteCallbacks {
  const alive = () => {
    progress.alive();
    return 0;
  };
  return {
    credentials: () => credentials.refuse(),
    // Without this callback nodegit accepts certificates that libgit2 could not verify.
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
