import {
  type ApiAnswer,
  type ForgeInterceptor,
  type GitInterception,
  type GitRequest,
  type System,
  status,
} from '@k8sta/sandbox';
import type { Blow } from '../plan/blow.js';

type GitFault = Extract<Blow, { kind: 'git' }>;
type ApiFault = Extract<Blow, { kind: 'api' }>;
type ForgeFault = Extract<Blow, { kind: 'forge' }>;

/** What is wrong with the Git server, the forge and the API server now; several faults overlap. */
export class Faults {
  readonly #system: System;
  readonly #git = new Map<GitFault, Promise<void>>();
  readonly #api = new Set<ApiFault>();
  readonly #forge = new Set<ForgeFault>();

  constructor(system: System) {
    this.#system = system;
    system.git.intercept((request) => this.#interception(request));
    system.forge?.intercept((request) => this.#forgeFault(request));
    system.argo.faults.answer(() => this.#answer());
  }

  /** Lasts until `end` resolves. */
  async git(fault: GitFault, end: Promise<void>): Promise<void> {
    this.#git.set(fault, end);
    await end;
    this.#git.delete(fault);
  }

  async api(fault: ApiFault, end: Promise<void>): Promise<void> {
    const { faults } = this.#system.argo;
    if (fault.how === 'gone') {
      // Every watch begins again, with a resourceVersion that the server no longer knows.
      faults.forgetHistory();
      faults.closeWatches('destroy');
      return;
    }
    this.#api.add(fault);
    faults.closeWatches('destroy');
    await end;
    this.#api.delete(fault);
  }

  /** Lasts until `end` resolves. */
  async forge(fault: ForgeFault, end: Promise<void>): Promise<void> {
    this.#forge.add(fault);
    await end;
    this.#forge.delete(fault);
  }

  async #interception({ repository, service, step }: GitRequest): Promise<GitInterception> {
    for (const [fault, end] of this.#git) {
      if (fault.repository !== undefined && this.#system.repositories[fault.repository]?.name !== repository) {
        continue;
      }
      const isPush = service === 'git-receive-pack' && step === 'exchange';
      if (fault.how === 'loseAnswer') {
        if (isPush) return 'loseAnswer';
        continue;
      }
      if (fault.how === 'refuse') return { status: 503, body: 'down for maintenance' };
      if (fault.how === 'forbid') return { status: 403 };
      // It hangs only while the fault lasts, because a client without a timeout would wait endlessly.
      if (fault.how === 'hang') await end;
      return 'drop';
    }
    return undefined;
  }

  #forgeFault({ method }: Parameters<ForgeInterceptor>[0]): Awaited<ReturnType<ForgeInterceptor>> {
    for (const { how } of this.#forge) {
      switch (how) {
        case 'down':
          return { is: 'drop' };
        case 'error':
          return { is: 'status', status: 502 };
        case 'limit':
          return { is: 'secondaryLimit', retryAfterS: 1 };
        case 'loseAnswer':
          if (method !== 'GET') return { is: 'loseAnswer' };
          break;
        default:
          how satisfies never;
      }
    }
    return undefined;
  }

  #answer(): ApiAnswer {
    for (const { how } of this.#api) return how === 'down' ? 'drop' : status.tooManyRequests(1);
    return undefined;
  }
}
