import nodegit from 'nodegit';
import type { Remote } from './protocol.js';

/** Proves to a remote who we are. Each proof is sent once. */
export class Authentication {
  /** Why the remote did not let us in; libgit2 drops the error that a callback throws. */
  fault: string | undefined;
  /**
   * These go out with the first request, which saves one request that the server would answer with 401. libgit2 follows
   * no redirect to another host (see mirror.ts), so no other host can see them.
   */
  readonly headers: string[];
  readonly #remote: Remote;
  #isKeySent = false;

  constructor(remote: Remote) {
    this.#remote = remote;
    this.headers = authorization(remote);
  }

  /** The server asks for credentials. Over http it has ours already, if we have any. */
  answer(): nodegit.Credential {
    const { username = 'git', password, bearerToken, privateKey } = this.#remote;
    if (privateKey !== undefined && !this.#isKeySent) {
      this.#isKeySent = true;
      return nodegit.Credential.sshKeyMemoryNew(username, '', privateKey, '');
    }
    const sent = password ?? bearerToken ?? privateKey;
    this.fault =
      sent === undefined
        ? 'the Git server asks for credentials, and K8STA_GIT_CREDENTIALS has none for it'
        : `the Git server did not accept the ${privateKey === undefined ? 'credentials' : 'ssh key'}; check K8STA_GIT_CREDENTIALS`;
    throw new Error(this.fault);
  }
}

function authorization({ username = 'git', password, bearerToken }: Remote): string[] {
  if (bearerToken !== undefined) return [`Authorization: Bearer ${bearerToken}`];
  if (password === undefined) return [];
  return [`Authorization: Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`];
}
