import { ConfigError } from '@k8sta/runtime';
import { sanitizeLine } from '@k8sta/text';
import { options as config } from '../config.js';
import { RegistryClient } from './client.js';
import { readDockerConfig } from './credentials.js';

/** A client with the credentials of this file, which it reads again for each request to a token server. */
export interface OpenClientOptions {
  readonly credentials: string | undefined;
  readonly now: () => Date;
}

/** Throws a ConfigError if the credentials cannot be read. */
export async function openRegistryClient({ credentials, now }: OpenClientOptions): Promise<RegistryClient> {
  if (credentials === undefined) return new RegistryClient({ credentialsFor: async () => undefined, now });
  await readDockerConfig(credentials).catch((error: Error) => {
    throw new ConfigError([`${config.registryCredentials.env}: ${credentials}: ${sanitizeLine(error.message)}`]);
  });
  return new RegistryClient({
    credentialsFor: async (repository) => (await readDockerConfig(credentials)).for(repository),
    now,
  });
}
