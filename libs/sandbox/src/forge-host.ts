import { type ForgeServer, type ForgeServerOptions, type Rules, startForge } from './forge/index.js';
import type { GitServer } from './git/server.js';
import type { RepositoryHost } from './repository-host.js';

/** A forge for the repository of a system. */
export interface ForgeOptions extends Pick<ForgeServerOptions, 'provider'> {
  readonly rules?: Partial<Rules>;
}

/** The repository's host, and the forge that shows its pull requests. */
export interface ForgeHost extends RepositoryHost {
  readonly forge: ForgeServer;
}

/** Puts a forge in front of the Git server. Its repositories belong to the organisation `acme`. */
export async function startForgeHost(git: GitServer, { rules, ...options }: ForgeOptions): Promise<ForgeHost> {
  const forge = await startForge({ git, ...options });
  const { url, user: username, password } = git;
  return {
    forge,
    createRepository: (name, contents) => forge.createRepository(`acme/${name}`, contents, rules),
    secret: { url, username, password, forge: forge.provider, forgeApi: forge.api, forgeToken: forge.token },
    argo: { username, password },
  };
}
