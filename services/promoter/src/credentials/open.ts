import { join } from 'node:path';
import { ConfigError } from '@k8sta/runtime';
import type { SigningKey } from '../git/worker/protocol.js';
import { GitAccess } from './access.js';
import { CertificateAuthorities } from './certificate-authorities.js';
import { CredentialsInvalid } from './credential.js';
import { CredentialDirectory, faultsOf } from './credential-directory.js';
import { environmentProxyFaults, environmentProxyPasswords } from './environment-proxies.js';
import { InstallationTokens } from './github-app.js';
import { KnownHostsFile } from './known-hosts-file.js';
import { SigningKeyReader } from './signing-key.js';

export interface GitAccessSettings {
  /** A directory with a folder for each Secret. */
  readonly credentials: string | undefined;
  readonly knownHosts: string | undefined;
  readonly caFile: string | undefined;
  readonly signingKeyFile: string | undefined;
  readonly signingPassphraseFile: string | undefined;
  /** A directory that we may write to, for the home directory of the Git workers. */
  readonly directory: string;
  /** What the service was started with. The Git workers inherit it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called when the Git workers have to be replaced, because the certificate authorities have changed. */
  readonly onAuthoritiesChange: () => void;
  readonly now: () => number;
}

/** How remotes are reached, what signs the commits, and the environment of the Git workers. */
export interface OpenedGitAccess {
  readonly access: GitAccess;
  readonly signingKey: () => Promise<SigningKey | undefined>;
  readonly environment: Record<string, string | undefined>;
}

/** Reads everything once. Throws a ConfigError that lists all faults: at the start, a broken Secret is not overlooked. */
export async function openGitAccess(settings: GitAccessSettings): Promise<OpenedGitAccess> {
  const { credentials, caFile, now } = settings;
  const home = join(settings.directory, '.home');
  const knownHosts = new KnownHostsFile(settings.knownHosts, home);
  await knownHosts.prepare();
  const authorities =
    caFile === undefined
      ? undefined
      : new CertificateAuthorities({
          file: caFile,
          systemFile: settings.environment['SSL_CERT_FILE'],
          home,
          onChange: settings.onAuthoritiesChange,
        });
  const { signingKeyFile: keyFile, signingPassphraseFile: passphraseFile } = settings;
  const signing = new SigningKeyReader({ keyFile, passphraseFile });
  const directory = credentials === undefined ? undefined : new CredentialDirectory(credentials, now);
  const read = async () => directory?.read() ?? { credentials: [], faults: [] };
  const faults = await faultsAtStart(
    async () => environmentProxyFaults(settings.environment),
    async () => faultsOf(await read()),
    async () => void (await authorities?.refresh()),
    async () => void (await signing.read()),
  );
  if (faults.length > 0) throw new ConfigError(faults);
  const proxyPasswords = environmentProxyPasswords(settings.environment);
  return {
    access: new GitAccess({ read, knownHosts, authorities, tokens: new InstallationTokens(now), proxyPasswords, now }),
    signingKey: () => signing.read(),
    environment: { ...settings.environment, HOME: home, ...(authorities && { SSL_CERT_FILE: authorities.path }) },
  };
}

async function faultsAtStart(...readings: (() => Promise<string[] | undefined>)[]): Promise<string[]> {
  const faults = readings.map(async (read) => {
    try {
      return (await read()) ?? [];
    } catch (error) {
      if (error instanceof CredentialsInvalid) return [error.message];
      throw error;
    }
  });
  return (await Promise.all(faults)).flat();
}
