import type { ForgeProvider } from '@k8sta/contracts';
import {
  type ForgeServer,
  type ForgeServerOptions,
  type GitServer,
  type Repository,
  startForge,
  startGitServer,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@k8sta/sandbox';
import { openGitAccess } from '../credentials/open.js';
import { MountedSecrets } from '../credentials/secrets.fixture.js';
import type { Forge, NewProposal } from './forge.js';
import { type Forges, openForges } from './forges.js';

const timeoutMs = 2_000;

type BenchOptions = Partial<ForgeServerOptions> & { readonly caFile?: string };

/** A forge of the sandbox, and the clients of a promoter whose Secret has a token for it. */
export class ForgeBench {
  readonly provider: ForgeProvider;
  readonly server: ForgeServer;
  readonly secrets: MountedSecrets;
  readonly forges: Forges;
  /** How far the clock is ahead, in milliseconds. */
  ahead = 0;
  readonly #git: GitServer;
  readonly #directory: TemporaryDirectory;
  #count = 0;

  private constructor(parts: {
    server: ForgeServer;
    secrets: MountedSecrets;
    git: GitServer;
    directory: TemporaryDirectory;
    forges: (now: () => number) => Forges;
  }) {
    this.provider = parts.server.provider;
    this.server = parts.server;
    this.secrets = parts.secrets;
    this.#git = parts.git;
    this.#directory = parts.directory;
    this.forges = parts.forges(() => Date.now() + this.ahead);
  }

  static async start(provider: ForgeProvider, options: BenchOptions = {}): Promise<ForgeBench> {
    const [git, secrets, directory] = [
      await startGitServer(),
      await MountedSecrets.create(),
      await temporaryDirectory('forges'),
    ];
    const { caFile, ...ofServer } = options;
    const server = await startForge({ provider, git, ...ofServer });
    const clock = { now: Date.now };
    const { access } = await openGitAccess({
      ...{ credentials: secrets.path, knownHosts: undefined, caFile },
      ...{ signingKeyFile: undefined, signingPassphraseFile: undefined },
      ...{ directory: directory.path, environment: {}, onAuthoritiesChange: () => {}, now: () => clock.now() },
    });
    const forges = (now: () => number) => {
      clock.now = now;
      return openForges({ access, now, timeoutMs });
    };
    const bench = new ForgeBench({ server, secrets, git, directory, forges });
    await bench.login();
    return bench;
  }

  /** Writes the Secret, and lets the time pass after which it is read again. */
  async login(change: Record<string, string> = {}): Promise<void> {
    const { user: username, password, url } = this.#git;
    const { api, token, provider } = this.server;
    const secret = { url, username, password, forge: provider, forgeApi: api, forgeToken: token, ...change };
    await this.secrets.put('acme', secret);
    this.ahead += 2_000;
  }

  get gitUrl(): string {
    return this.#git.url;
  }

  /** A repository with a branch that people may want to merge. */
  async repository(rules: Parameters<ForgeServer['createRepository']>[2] = {}): Promise<Proposing> {
    const contents = { files: { 'tag.txt': '1.4.1\n', 'other.txt': 'one\n' } };
    const repository = await this.server.createRepository(`acme/config-${++this.#count}`, contents, rules);
    const head = 'k8sta/storefront/prod/0f0f';
    const commit = await repository.commit({ files: { 'tag.txt': '1.5.0\n' }, message: 'Go to 1.5.0', branch: head });
    return new Proposing(this, repository, head, commit);
  }

  async stop(): Promise<void> {
    await this.forges.close();
    await this.server.stop();
    await this.#git.stop();
    await this.secrets.remove();
    await this.#directory.remove();
  }
}

/** A repository with the branch of a proposal, and its forge as the promoter sees it. */
export class Proposing {
  readonly repository: Repository;
  readonly head: string;
  readonly commit: string;
  readonly #bench: ForgeBench;

  constructor(bench: ForgeBench, repository: Repository, head: string, commit: string) {
    this.#bench = bench;
    this.repository = repository;
    this.head = head;
    this.commit = commit;
  }

  get name(): string {
    return this.repository.name;
  }

  async forge(): Promise<Forge> {
    const forge = await this.#bench.forges.forgeOf(this.repository.url, undefined);
    if (typeof forge === 'string') throw new Error(forge);
    return forge;
  }

  wish(change: Partial<NewProposal> = {}): NewProposal {
    return {
      ...{ head: this.head, base: 'main', title: 'Go to 1.5.0', body: 'Why.', labels: [], reviewers: [] },
      ...{ isDraft: false, ...change },
    };
  }

  /** Opens it, and asks until the forge has found out whether it can be merged. */
  async open(change: Partial<NewProposal> = {}) {
    const forge = await this.forge();
    const { proposal } = await forge.open(this.wish(change));
    return { forge, number: proposal.number, settled: await this.settled(forge, proposal.number) };
  }

  async settled(forge: Forge, number: number) {
    for (let attempt = 0; attempt < 5; attempt++) {
      const proposal = await forge.get(number);
      if (proposal && proposal.mergeable !== 'unknown') return proposal;
      this.#bench.ahead += 11_000;
    }
    throw new Error(`${this.name} #${number} is never settled`);
  }

  /** Moves the base, so that the head does not contain it any more. */
  moveBase(files: Record<string, string> = { 'other.txt': 'two\n' }): Promise<string> {
    return this.repository.commit({ files, message: 'Something else' });
  }
}
