import type { ForgeProvider } from '@k8sta/contracts';
import type { Address } from './address.js';

/** A GitHub App that is installed for the repositories with this prefix. */
export interface GitHubApp {
  readonly appId: string;
  readonly installationId: string;
  /** In PEM. */
  readonly privateKey: string;
  /** The address of GitHub's REST API. */
  readonly api: string;
}

/** How the promoter proves to a Git server who it is. */
export type Proof =
  | { readonly is: 'none' }
  | { readonly is: 'password'; readonly username: string; readonly password: string }
  | { readonly is: 'bearer'; readonly token: string }
  /** The key has no passphrase any more. */
  | { readonly is: 'sshKey'; readonly privateKey: string }
  | { readonly is: 'githubApp'; readonly app: GitHubApp };

export interface ProxySetting {
  readonly url: string;
  /** The hosts that are reached without it. */
  readonly except: readonly string[];
}

/** What a Secret says about the forge of its repositories. */
export interface ForgeSetting {
  readonly provider?: ForgeProvider;
  /** The base URL of the REST API, without a final slash. */
  readonly api?: string;
  /** For the REST API, in place of the Git credential. */
  readonly token?: string;
}

/** One Secret of the directory of credentials: what applies to the addresses that begin with its `url`. */
export interface Credential {
  /** The name of the Secret's folder. */
  readonly folder: string;
  readonly prefix: Address;
  readonly proof: Proof;
  readonly proxy?: ProxySetting | undefined;
  readonly forge?: ForgeSetting;
}

/** A Secret whose `url` can be read and something else cannot. No shorter prefix stands in for it. */
export interface BrokenCredential {
  readonly folder: string;
  readonly prefix: Address;
  readonly faults: readonly string[];
}

/** What the directory of credentials says, with the faults of Secrets that have no readable `url`. */
export interface Reading {
  readonly credentials: readonly (Credential | BrokenCredential)[];
  readonly faults: readonly string[];
}

/** The credentials cannot be used. The message names settings, folders and files, and never a value of them. */
export class CredentialsInvalid extends Error {
  override readonly name = 'CredentialsInvalid';
}
