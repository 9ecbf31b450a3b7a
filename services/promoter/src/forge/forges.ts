import type { ForgeProvider } from '@k8sta/contracts';
import { LRUCache } from 'lru-cache';
import type { ForgeAccess, GitAccess } from '../credentials/access.js';
import { CredentialsInvalid } from '../credentials/credential.js';
import { AnswerCache } from './answer-cache.js';
import { Dispatchers } from './dispatchers.js';
import { type Forge, ForgeFault, type ForgeOf } from './forge.js';
import { Gitea, giteaPlaces } from './gitea.js';
import { GitHub, gitHubPlaces } from './github.js';
import { GitLab, gitLabPlaces } from './gitlab.js';
import { ForgeHttp, type Network } from './http.js';
import { type ForgePlaces, type Location, locate } from './location.js';

interface ForgeKind {
  readonly places: ForgePlaces;
  readonly open: new (http: ForgeHttp, path: string) => Forge;
}

/** Every kind of forge. A new one is a file and a line here. */
const kinds: Readonly<Record<ForgeProvider, ForgeKind>> = {
  github: { places: gitHubPlaces, open: GitHub },
  gitlab: { places: gitLabPlaces, open: GitLab },
  gitea: { places: giteaPlaces, open: Gitea },
};

const places = Object.fromEntries(Object.entries(kinds).map(([provider, kind]) => [provider, kind.places])) as Record<
  ForgeProvider,
  ForgePlaces
>;

const maxForges = 500;

export interface ForgesOptions {
  readonly access: Pick<GitAccess, 'toForge'>;
  /** In milliseconds since the epoch. */
  readonly now: () => number;
  /** How long an answer may take; 10 s if it is absent. */
  readonly timeoutMs?: number;
}

export interface Forges {
  readonly forgeOf: ForgeOf;
  /** Closes the connections. */
  readonly close: () => Promise<void>;
}

/** Opens the forges of repositories by their credentials. The credential is looked up for each call, so a new token is used. */
export function openForges({ access, now, timeoutMs }: ForgesOptions): Forges {
  const network: Network = { dispatchers: new Dispatchers(), answers: new AnswerCache(), pauses: new Map(), now };
  const open = new LRUCache<string, { readonly forge: Forge; access: ForgeAccess }>({ max: maxForges });

  const openAt = ({ provider, api, path }: Location, given: ForgeAccess): Forge => {
    const key = JSON.stringify([provider, api, path]);
    const known = open.get(key);
    if (known) {
      known.access = given;
      return known.forge;
    }
    const { places, open: Client } = kinds[provider];
    const accessNow = () => open.get(key)?.access ?? given;
    const http = new ForgeHttp(
      { ...network, name: places.name, api, access: accessNow },
      timeoutMs === undefined ? {} : { timeoutMs },
    );
    const forge = new Client(http, path);
    open.set(key, { forge, access: given });
    return forge;
  };

  const forgeOf: ForgeOf = async (address, provider) => {
    try {
      const found = await access.toForge(address, (repository) => locate(repository, provider, places));
      return typeof found === 'string' ? found : openAt(found.chosen, found.access);
    } catch (error) {
      // A broken Secret, or no installation token: it may be corrected or pass without a restart.
      if (error instanceof CredentialsInvalid) throw new ForgeFault(error.message);
      throw error;
    }
  };
  return { forgeOf, close: () => network.dispatchers.close() };
}
