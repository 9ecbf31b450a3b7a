import { withoutCredentials } from '@k8sta/contracts';
import type { Access } from '../git/job-remotes.js';
import { type Address, parseAddress, withUser } from './address.js';
import type { CertificateAuthorities } from './certificate-authorities.js';
import {
  type Credential,
  CredentialsInvalid,
  type ForgeSetting,
  type GitHubApp,
  type Proof,
  type Reading,
} from './credential.js';
import { credentialFor } from './credential-directory.js';
import type { InstallationToken, InstallationTokens } from './github-app.js';
import type { Route } from './github-app-request.js';
import type { KnownHostsFile } from './known-hosts-file.js';
import { passwordsOf, proxyFor, sentAs } from './proxy.js';

export interface GitAccessOptions {
  /** Reads the directory of credentials; without it, every remote is reached without a credential. */
  readonly read: () => Promise<Reading>;
  readonly knownHosts: KnownHostsFile;
  readonly authorities: CertificateAuthorities | undefined;
  readonly tokens: InstallationTokens;
  /** The passwords of the proxies that the environment names. */
  readonly proxyPasswords: readonly string[];
  /** In milliseconds since the epoch. */
  readonly now: () => number;
}

/** What is known about the forge of a repository before its API is chosen. */
export interface ForgeRepository {
  /** Without credentials. */
  readonly url: string;
  readonly address: Address;
  readonly setting: ForgeSetting;
  readonly app: GitHubApp | undefined;
}

export interface ForgeAccess {
  readonly token: string;
  /** What no message may have in it. */
  readonly secrets: readonly string[];
  readonly route: Route;
  /** Called when the forge does not accept the token. */
  readonly onRejection: () => void;
}

/** The credentials are read again so soon after the last time. Jobs in between share a reading. */
const freshMs = 1_000;

/** GitHub may answer 404 to a token that is as new as this (kargo#5610). The circuit breaker spaces the retries. */
const newTokenMs = 60_000;

/** Finds out how to reach a remote: its credential, its proxy, and whom to trust. Throws {@link CredentialsInvalid}. */
export class GitAccess {
  readonly #options: GitAccessOptions;
  #reading: { readonly at: number; readonly result: Promise<Reading> } | undefined;

  constructor(options: GitAccessOptions) {
    this.#options = options;
  }

  async to(spelled: string): Promise<Access> {
    const { url, address, found, reading } = await this.#find(spelled);
    if (address.scheme === 'ssh') return this.#bySsh(url, address, found, reading);
    await this.#options.authorities?.refresh();
    return this.#byHttp(url, address, found, reading);
  }

  /** How the REST API of the repository's forge is reached. `choose` says which API; a sentence if it cannot. */
  async toForge<Chosen extends { readonly api: string }>(
    spelled: string,
    choose: (repository: ForgeRepository) => Chosen | string,
  ): Promise<{ readonly chosen: Chosen; readonly access: ForgeAccess } | string> {
    const { url, address, found, reading } = await this.#find(spelled);
    const proof = found?.proof ?? { is: 'none' };
    const app = proof.is === 'githubApp' ? proof.app : undefined;
    const chosen = choose({ url, address, setting: found?.forge ?? {}, app });
    if (typeof chosen === 'string') return `${chosen}${doubts(reading)}`;
    await this.#options.authorities?.refresh();
    const route = this.#routeTo(chosen.api, found);
    const secret = found?.forge?.token ?? (await this.#tokenOf(proof, found));
    if (secret === undefined) return `there is no token for ${chosen.api}: set forgeToken${doubts(reading)}`;
    const onRejection = () => void (app && this.#options.tokens.reject(app, secret));
    return {
      chosen,
      access: { token: secret, secrets: [secret, ...this.#passwordsOf(route.proxy)], route, onRejection },
    };
  }

  async #tokenOf(proof: Proof, found: Credential | undefined): Promise<string | undefined> {
    if (proof.is === 'password') return proof.password;
    if (proof.is === 'bearer') return proof.token;
    if (proof.is !== 'githubApp') return undefined;
    return (await this.#options.tokens.token(proof.app, this.#routeTo(proof.app.api, found))).token;
  }

  /** The credential that applies to this address. */
  async #find(spelled: string) {
    const url = withoutCredentials(spelled.trim());
    const address = parseAddress(url);
    if (!address) throw new CredentialsInvalid(`${url} is not the address of a repository`);
    const reading = await this.#read();
    const found = credentialFor(reading, address);
    if (found && 'faults' in found) {
      throw new CredentialsInvalid(`K8STA_GIT_CREDENTIALS: ${found.faults.join('; ')}`);
    }
    return { url, address, found, reading };
  }

  async #bySsh(url: string, address: Address, found: Credential | undefined, reading: Reading): Promise<Access> {
    if (found?.proof.is !== 'sshKey') throw new CredentialsInvalid(`there is no ssh key for ${url}${doubts(reading)}`);
    if (proxyFor(found.proxy, address) !== undefined) {
      throw new CredentialsInvalid(`K8STA_GIT_CREDENTIALS: ${found.folder}/proxy: libgit2 has no proxy for ssh`);
    }
    await this.#options.knownHosts.admit(address);
    const user = address.user ?? found.prefix.user ?? 'git';
    const { privateKey } = found.proof;
    return { remote: { url: withUser(url, user), username: user, privateKey }, secrets: [privateKey] };
  }

  async #byHttp(url: string, address: Address, found: Credential | undefined, reading: Reading): Promise<Access> {
    const through = proxyFor(found?.proxy, address);
    const remote = { url, ...(through !== undefined && { proxy: through }) };
    const proof = found?.proof ?? { is: 'none' };
    const hidden = this.#passwordsOf(through);
    switch (proof.is) {
      case 'none': {
        const doubt = doubts(reading);
        return { remote, secrets: hidden, onFailure: (message) => `${message}${doubt}` };
      }
      case 'password': {
        const { username, password } = proof;
        return { remote: { ...remote, username, password }, secrets: [...sentAs(username, password), ...hidden] };
      }
      case 'bearer':
        return { remote: { ...remote, bearerToken: proof.token }, secrets: [proof.token, ...hidden] };
      case 'githubApp': {
        const { app } = proof;
        const token = await this.#options.tokens.token(app, this.#routeTo(app.api, found));
        const onFailure = (message: string) => {
          if (/\b401\b|did not accept the credentials/.test(message)) this.#options.tokens.reject(app, token.token);
          return this.#explainNewToken(message, token);
        };
        // https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation
        const login = { username: 'x-access-token', password: token.token };
        const secrets = [...sentAs(login.username, login.password), ...hidden];
        return { remote: { ...remote, ...login }, secrets, onFailure };
      }
      case 'sshKey':
        throw new TypeError('an ssh key for an address of http');
      default:
        // Never the value itself: it is a secret.
        proof satisfies never;
        throw new TypeError('an unknown kind of credential');
    }
  }

  #passwordsOf(proxy: string | undefined): readonly string[] {
    return proxy === undefined ? this.#options.proxyPasswords : passwordsOf(proxy);
  }

  #routeTo(api: string, found: Credential | undefined): Route {
    const address = parseAddress(api);
    return {
      proxy: address && proxyFor(found?.proxy, address),
      ca: this.#options.authorities?.all,
    };
  }

  #explainNewToken(message: string, { createdAt }: InstallationToken): string {
    const seconds = Math.round((this.#options.now() - createdAt) / 1_000);
    if (!/\b404\b/.test(message) || seconds * 1_000 > newTokenMs) return message;
    return `${message} (the installation token is ${seconds} s old, and GitHub may not accept it everywhere yet)`;
  }

  #read(): Promise<Reading> {
    const at = this.#options.now();
    if (!this.#reading || Math.abs(at - this.#reading.at) > freshMs) {
      const reading = { at, result: this.#options.read() };
      this.#reading = reading;
      // A broken directory is read again by the next job.
      reading.result.catch(() => {
        if (this.#reading === reading) this.#reading = undefined;
      });
    }
    return this.#reading.result;
  }
}

/** Folders that may have been meant for the address, if their `url` could be read. */
function doubts({ faults }: Reading): string {
  return faults.length === 0 ? '' : `; K8STA_GIT_CREDENTIALS has faults: ${faults.slice(0, 5).join('; ')}`;
}
