import type { System } from '@k8sta/sandbox';
import type { Happened } from '../evidence.js';
import type { Plan } from '../plan/plan.js';
import type { PlannedTrack } from '../plan/track.js';
import { minorOf } from '../verify/tags.js';
import type { History } from './history.js';
import { quietMs } from './strike.js';

type Forge = NonNullable<System['forge']>;

/** The people who merge or close pull requests, as planned for their Tracks. */
export class Reviewers {
  readonly #plan: Plan;
  readonly #system: System;
  readonly #forge: Forge;
  readonly #history: History;
  readonly #known = new Set<string>();
  #isOver = false;

  constructor({ plan, system, forge, history }: { plan: Plan; system: System; forge: Forge; history: History }) {
    this.#plan = plan;
    this.#system = system;
    this.#forge = forge;
    this.#history = history;
    history.onEvent((event) => this.#take(event));
  }

  /** Ends the reviews: no pull request is looked at after this. */
  leave(): void {
    this.#isOver = true;
  }

  #take({ type, track, ticket, repository: url, number }: Happened): void {
    const line = this.#plan.lines.find(({ name }) => name === track);
    const repository = Object.values(this.#system.repositories).find((each) => each.url === url)?.name;
    if (type !== 'promotion.proposed' || number === undefined || !repository || !line?.pullRequests) return;
    // The same event may be stored again.
    if (this.#known.has(`${repository} ${number}`)) return;
    this.#known.add(`${repository} ${number}`);
    const tag = this.#history.events.find((event) => event.ticket === ticket && event.tag !== undefined)?.tag;
    void this.#untilOver(line.pullRequests, { repository, number, minor: minorOf(tag ?? '') });
  }

  async #untilOver(
    { afterEvents, merge, method, closesEvery }: NonNullable<PlannedTrack['pullRequests']>,
    { repository, number, minor }: { repository: string; number: number; minor: number },
  ): Promise<void> {
    if (merge === 'auto') return;
    while (!this.#isOver) {
      await this.#history.after(afterEvents, quietMs);
      const pull = (await this.#forge.pulls(repository)).find((each) => each.number === number);
      if (pull?.state !== 'open') return;
      if (closesEvery !== undefined && minor % closesEvery === 0) {
        return this.#forge.closeByPerson(repository, number, 'bob');
      }
      // There may be a conflict, which K8sTA resolves: they try again later.
      const merged = await this.#forge.mergeByPerson(repository, number, { method, by: 'ann' }).catch(() => undefined);
      if (merged !== undefined) return;
    }
  }
}
