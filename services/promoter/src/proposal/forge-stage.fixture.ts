import type { Outcome } from '@k8sta/bus';
import { type DataOf, type ForgeProvider, partTokens, proposalBranch } from '@k8sta/contracts';
import { type ForgeServer, type Pull, type Repository, startForge } from '@k8sta/sandbox';
import { parseAddress } from '../credentials/address.js';
import { openForges } from '../forge/forges.js';
import { type Answer, application, image, naming, type Replica, type Request, Stage } from '../promoter.fixture.js';

type Wish = NonNullable<NonNullable<Request['write']>['pullRequest']>;

/** The file of the Application prod. */
export const file = 'apps/prod/kustomization.yaml';

/** A stage with a forge over its Git server. Each pull request is in a repository of its own. */
export class ForgeStage {
  readonly stage: Stage;
  readonly forge: ForgeServer;
  replica: Replica;
  repository!: Repository;
  ticket = '';
  readonly #close: () => Promise<void>;
  #count = 0;

  private constructor(stage: Stage, forge: ForgeServer) {
    this.stage = stage;
    this.forge = forge;
    const access: Parameters<typeof openForges>[0]['access'] = {
      async toForge(url, choose) {
        const address = parseAddress(url);
        if (!address) throw new Error(`${url} is not an address`);
        const setting = { provider: forge.provider, api: forge.api };
        const chosen = choose({ url, address, setting, app: undefined });
        if (typeof chosen === 'string') return chosen;
        const { token } = forge;
        return {
          chosen,
          access: { token, secrets: [token], route: { proxy: undefined, ca: undefined }, onRejection() {} },
        };
      },
    };
    const forges = openForges({ access, now: Date.now, timeoutMs: 5_000 });
    stage.forgeOf = forges.forgeOf;
    this.#close = forges.close;
    this.replica = stage.replica();
  }

  static async start(provider: ForgeProvider = 'github'): Promise<ForgeStage> {
    const stage = await Stage.start();
    return new ForgeStage(stage, await startForge({ provider, git: stage.server }));
  }

  /** A new repository and a new Ticket. */
  async reset(): Promise<void> {
    this.stage.reset();
    this.forge.heal();
    this.repository = await this.stage.repository({ [file]: naming('1.4.1') });
    await this.forge.host(this.repository);
    this.ticket = (++this.#count).toString(16).padStart(16, '0');
  }

  async stop(): Promise<void> {
    await this.#close();
    await this.forge.stop();
    await this.stage.stop();
  }

  /** The short name of the branch of the pull request. */
  get head(): string {
    return proposalBranch({ track: 'storefront', station: 'prod', ticket: this.ticket, attempt: 1, part: 0 });
  }

  request(wish: Partial<Wish> = {}, change: Partial<Request> = {}): Request {
    return this.stage.request(this.repository, {
      ...{ ticket: this.ticket, promotion: `${this.ticket}/prod/1`, station: 'prod' },
      applications: [application('prod')],
      protectedSources: [{ namespace: 'argocd', name: 'dev', station: 'dev', source: { path: 'apps/dev' } }],
      write: { pullRequest: { merge: 'byPeople', ...wish } },
      ...change,
    });
  }

  /** Delivers the request once. */
  deliver(request: Request = this.request(), replica = this.replica, deliveries = 1): Promise<Outcome> {
    return this.stage.deliver(replica, request, deliveries);
  }

  /** Delivers the request until it is answered, as the bus does after its delays. */
  async answer(request: Request = this.request(), replica = this.replica): Promise<Answer> {
    let outcome: Outcome | undefined;
    for (let delivery = 1; delivery <= 10; delivery++) {
      outcome = await this.deliver(request, replica, delivery);
      if (outcome.is !== 'done') continue;
      const [answer] = (await this.stage.answers(request)).filter(isOf(request.issue));
      if (answer) return answer;
    }
    throw new Error(`the part has no answer: ${JSON.stringify(outcome)}`);
  }

  /** Why the request waits, once the forge has found out whether it can be merged. */
  async waits(request?: Request): Promise<string> {
    for (let delivery = 1; ; delivery++) {
      const outcome = await this.deliver(request);
      if (outcome.is !== 'later') throw new Error(`the part does not wait: ${JSON.stringify(outcome)}`);
      if (delivery === 10 || !outcome.because.includes('the forge to find out')) return outcome.because;
    }
  }

  /** Delivers the hint of a forge. */
  hint(sequence: number, change: Partial<DataOf<'proposal.changed'>> = {}): Promise<Outcome> {
    const about = { track: 'storefront', station: 'prod', ticket: this.ticket, attempt: 1, part: 0 };
    const data: DataOf<'proposal.changed'> = {
      ...about,
      ...{ provider: this.forge.provider, repository: this.repository.name, what: 'changed' },
      receivedAt: new Date().toISOString(),
      ...change,
    };
    const event = { type: 'proposal.changed' as const, id: `hint/${sequence}`, time: new Date() };
    return this.replica.handlers.proposalChanged({ ...event, data, sequence, deliveries: 1 });
  }

  pulls(): Promise<readonly Pull[]> {
    return this.forge.pulls(this.repository.name);
  }

  /** The only pull request. */
  async pull(): Promise<Pull> {
    const [pull, ...others] = await this.pulls();
    if (!pull || others.length > 0) throw new Error(`there are ${others.length + (pull ? 1 : 0)} pull requests`);
    return pull;
  }

  async hasBranch(): Promise<boolean> {
    return this.repository.tip(this.head).then(
      () => true,
      () => false,
    );
  }

  async proposed(): Promise<DataOf<'promotion.proposed'>[]> {
    const tokens = partTokens(this.request());
    return (await this.stage.tracker.since('promotion.proposed', tokens, new Date(0))).map(({ data }) => data);
  }
}

function isOf(issue: number): (answer: Answer) => boolean {
  return (answer) => answer.is === 'committed' || answer.issue === issue;
}

export { image, naming };
