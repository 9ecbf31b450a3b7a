import nodegit, { type RemoteCallbacks, type Repository } from 'nodegit';
import { RemoteError } from './fault.js';
import type { Remote } from './protocol.js';

/** How an order shows that it is alive. */
export interface Signs {
  /** It turns to its remote: from now on that has to show itself. */
  contact(): void;
  /** The remote has shown itself, or work on this side has gone on. */
  progress(): void;
  /** It is done with its remote. */
  local(): void;
}

/** What the server said of each ref, and to people. */
export interface ServerWords {
  readonly refs: Map<string, string>;
  sideband: string;
}

const maxSideband = 2_048;

/** An open connection to a remote, with the refs that it advertised on it. */
export interface Connection {
  readonly remote: nodegit.Remote;
  /** What a fetch or a push on this connection has to be given. */
  readonly options: { readonly callbacks: RemoteCallbacks; readonly customHeaders: string[] };
  /** The commit id of each ref. */
  readonly refs: ReadonlyMap<string, string>;
  readonly words: ServerWords;
}

/** Connects to fetch or to push, and reads what the remote advertises. Throws with words for people. */
export async function connect(
  repository: Repository,
  address: Remote,
  direction: nodegit.Enums.DIRECTION,
  signs: Signs,
): Promise<Connection> {
  const words: ServerWords = { refs: new Map(), sideband: '' };
  const credentials = new Credentials(address);
  const callbacks = callbacksOf(credentials, signs, words);
  const customHeaders = authorization(address);
  const remote = await nodegit.Remote.createAnonymous(repository, address.url);
  signs.contact();
  try {
    await remote.connect(direction, callbacks, null, customHeaders);
  } catch (error) {
    // What a callback throws is lost on its way through libgit2.
    throw credentials.fault === undefined ? error : new RemoteError(credentials.fault);
  }
  signs.progress();
  const heads: { name(): string; oid(): nodegit.Oid }[] = await remote.referenceList();
  return {
    remote,
    options: { callbacks, customHeaders },
    words,
    refs: new Map(heads.map((head) => [head.name(), head.oid().tostrS()])),
  };
}

/**
 * Sent with the first request, which saves a request that is answered with 401. libgit2 follows no redirect to another
 * host (see mirror.ts), so that nobody else gets to see it.
 */
function authorization({ username = 'git', password }: Remote): string[] {
  if (password === undefined) return [];
  return [`Authorization: Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`];
}

/** Says what is wrong when the server asks for credentials: those that there are were sent before. */
class Credentials {
  fault: string | undefined;
  readonly #address: Remote;

  constructor(address: Remote) {
    this.#address = address;
  }

  refuse(): never {
    this.fault =
      this.#address.password === undefined
        ? 'the Git server asks for credentials, and K8STA_GIT_CREDENTIALS_FILE holds none for it'
        : 'the Git server did not accept the credentials; look at K8STA_GIT_CREDENTIALS_FILE';
    throw new Error(this.fault);
  }
}

function callbacksOf(credentials: Credentials, signs: Signs, words: ServerWords): RemoteCallbacks {
  const alive = () => {
    signs.progress();
    return 0;
  };
  return {
    credentials: () => credentials.refuse(),
    // Without this callback nodegit takes any certificate of a server that libgit2 could not verify.
    certificateCheck: (_certificate: unknown, valid: boolean | number) => (valid ? 0 : -1),
    transferProgress: alive,
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
