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
  readonly callbacks: RemoteCallbacks;
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
  const remote = await nodegit.Remote.createAnonymous(repository, address.url);
  signs.contact();
  try {
    await remote.connect(direction, callbacks);
  } catch (error) {
    // What a callback throws is lost on its way through libgit2.
    throw credentials.fault === undefined ? error : new RemoteError(credentials.fault);
  }
  signs.progress();
  const heads: { name(): string; oid(): nodegit.Oid }[] = await remote.referenceList();
  return { remote, callbacks, words, refs: new Map(heads.map((head) => [head.name(), head.oid().tostrS()])) };
}

/** Presents credentials once: libgit2 asks again, for ever, when they were wrong. */
class Credentials {
  fault: string | undefined;
  readonly #address: Remote;
  #presented = false;

  constructor(address: Remote) {
    this.#address = address;
  }

  present(): nodegit.Credential {
    const { username, password } = this.#address;
    if (this.#presented)
      this.fault = 'the Git server did not accept the credentials; look at K8STA_GIT_CREDENTIALS_FILE';
    else if (password === undefined)
      this.fault = 'the Git server asks for credentials, and K8STA_GIT_CREDENTIALS_FILE holds none for it';
    if (this.fault !== undefined) throw new Error(this.fault);
    this.#presented = true;
    return nodegit.Credential.userpassPlaintextNew(username ?? 'git', password ?? '');
  }
}

function callbacksOf(credentials: Credentials, signs: Signs, words: ServerWords): RemoteCallbacks {
  const alive = () => {
    signs.progress();
    return 0;
  };
  return {
    credentials: () => {
      signs.progress();
      return credentials.present();
    },
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
