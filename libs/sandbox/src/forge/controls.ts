import type { Author } from '../git/fast-import.js';
import type { NewCommit, Repository } from '../git/repository.js';
import type { Dialect } from './core/dialect.js';
import { protectBranches } from './core/hooks.js';
import type { Host } from './core/host.js';
import {
  type Deployment,
  type MergeMethod,
  noRules,
  type Project,
  type Pull,
  type Report,
  type Rules,
} from './core/model.js';

/** What people do on the pages of a forge, and what they see there. `repository` is its name. */
export interface People {
  /** Takes in a repository that is on the Git server already. */
  host(repository: Repository, rules?: Partial<Rules>): Promise<void>;
  setRules(repository: string, rules: Partial<Rules>): Promise<void>;
  mergeByPerson(repository: string, number: number, merge?: { method?: MergeMethod; by?: string }): Promise<string>;
  closeByPerson(repository: string, number: number, by?: string): Promise<void>;
  /** A commit of a person; the forge hears of it at once. Returns its SHA. */
  pushToBranch(repository: string, branch: string, commit: Omit<NewCommit, 'branch'>, by?: string): Promise<string>;
  deleteBranch(repository: string, branch: string, by?: string): Promise<void>;
  approve(repository: string, number: number, by?: string): Promise<void>;
  /** A check run on GitHub (with `kind: 'status'` a commit status), a commit status elsewhere. */
  reportCheck(repository: string, commit: string, check: CheckWish): Promise<void>;
  /** All pull requests that were ever opened, oldest first, with the branches as they are now. */
  pulls(repository: string): Promise<readonly Pull[]>;
  reports(repository: string): readonly Report[];
  deployments(repository: string): readonly Deployment[];
  merges(repository: string): number;
}

export interface CheckWish {
  readonly name: string;
  readonly state: Report['state'];
  readonly kind?: Report['kind'];
  readonly by?: string;
}

export class Controls implements People {
  readonly #host: Host;
  readonly #dialect: Dialect;

  constructor(host: Host, dialect: Dialect) {
    this.#host = host;
    this.#dialect = dialect;
  }

  async host(repository: Repository, rules: Partial<Rules> = {}): Promise<void> {
    const { name } = repository;
    const project: Project = {
      ...{ id: this.#host.nextId(), name, repository, rules: { ...noRules, ...rules } },
      ...{ pulls: [], reports: [], deployments: [], labels: [] },
    };
    this.#host.projects.set(name, project);
    await protectBranches(project, this.#dialect.pushRefusal);
  }

  async setRules(repository: string, rules: Partial<Rules>): Promise<void> {
    const project = this.project(repository);
    project.rules = { ...project.rules, ...rules };
    await protectBranches(project, this.#dialect.pushRefusal);
  }

  project(name: string): Project {
    const project = this.#host.projects.get(name);
    if (!project) throw new Error(`the forge has no repository ${name}`);
    return project;
  }

  mergeByPerson(repository: string, number: number, merge: { method?: MergeMethod; by?: string } = {}) {
    const { method = 'merge', by = 'ann' } = merge;
    return this.#with(repository, number, async (project, pull) => {
      if (pull.state !== 'open') throw new Error(`${repository} #${number} is ${pull.state}`);
      const landing = await this.#dialect.landing(project, pull, { method, by });
      const deletesBranch = project.rules.deletesBranchAfterMerge;
      const answer = await this.#host.land(project, pull, { landing, by, deletesBranch });
      if (answer !== 'merged') throw new Error(`${repository} #${number} is not merged: ${answer}`);
      return pull.merged?.commit ?? '';
    });
  }

  closeByPerson(repository: string, number: number, by = 'ann') {
    return this.#with(repository, number, async (project, pull) => this.#host.close(project, pull, by));
  }

  async pushToBranch(repository: string, branch: string, commit: Omit<NewCommit, 'branch'>, by = 'ann') {
    const project = this.project(repository);
    const made = await project.repository.commit({ author: authorOf(by), ...commit, branch });
    await this.#host.follow(project, by);
    return made;
  }

  deleteBranch(repository: string, branch: string, by = 'ann'): Promise<void> {
    const project = this.project(repository);
    return this.#host.inTurn(project, () => this.#host.deleteBranch(project, branch, by));
  }

  approve(repository: string, number: number, by = 'ann') {
    return this.#with(repository, number, async (project, pull) => this.#host.approve(project, pull, by));
  }

  async reportCheck(repository: string, commit: string, check: CheckWish): Promise<void> {
    const { name, state, by = 'ci', kind = this.#dialect.provider === 'github' ? 'check' : 'status' } = check;
    const project = this.project(repository);
    await this.#host.inTurn(project, async () => {
      this.#host.report(project, { kind, commit, name, state, by, description: '', url: '' });
    });
  }

  pulls(repository: string): Promise<readonly Pull[]> {
    const project = this.project(repository);
    return this.#host.inTurn(project, async () => project.pulls);
  }

  reports(repository: string): readonly Report[] {
    return this.project(repository).reports;
  }

  deployments(repository: string): readonly Deployment[] {
    return this.project(repository).deployments;
  }

  merges(repository: string): number {
    return this.project(repository).pulls.filter(({ state }) => state === 'merged').length;
  }

  #with<T>(repository: string, number: number, work: (project: Project, pull: Pull) => Promise<T>): Promise<T> {
    const project = this.project(repository);
    return this.#host.inTurn(project, async () => {
      const pull = project.pulls.find((pull) => pull.number === number);
      if (!pull) throw new Error(`${repository} has no pull request ${number}`);
      return work(project, pull);
    });
  }
}

/** The signature of a user of the forge. */
export function authorOf(login: string): Author {
  return { name: login, email: `${login.replaceAll(/[^\w.-]/g, '')}@users.example.com` };
}
