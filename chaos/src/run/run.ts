import { setTimeout as delay } from 'node:timers/promises';
import type { Evidence } from '../evidence.js';
import { services } from '../plan/blow.js';
import type { Plan } from '../plan/plan.js';
import { collect } from './collect.js';
import { Faults } from './faults.js';
import { History } from './history.js';
import { memoryLimitOf, memoryOf } from './memory.js';
import { personAt } from './person.js';
import { Pusher } from './pusher.js';
import { Reviewers } from './reviewers.js';
import { quietMs, strike } from './strike.js';
import { startWorld, type World } from './world.js';

export interface RunOptions {
  /** How long no Ticket may end before the run gives up on those that are left. */
  readonly stuckMs: number;
  /** The folder of an older version, of which the plan's service `behind` runs. */
  readonly older?: string;
  readonly onStep: (step: string) => void;
  /** Called with each line that a service writes. */
  readonly onLine: (line: string) => void;
}

/** Carries out the plan on real servers, waits for the Tickets to end, and returns what it left behind. */
export async function carryOut(plan: Plan, options: RunOptions): Promise<Evidence> {
  const crashes: string[] = [];
  const failedStarts: string[] = [];
  const on = {
    line: options.onLine,
    step: options.onStep,
    onCrash: (what: string) => void crashes.push(what),
    onFailedStart: (what: string) => void failedStarts.push(what),
  };
  const world = await startWorld(plan, on, options.older);
  let history: History | undefined;
  let isStopped = false;
  try {
    history = await History.of(world.system.nats);
    const ride = new Ride(plan, world, history, await Pusher.to(world.webhookUrls), options);
    await ride.act();
    await ride.settle();
    const collected = await collect(world.system, plan, ride.seen);
    await history.finish();
    for (const victim of Object.values(world.victims)) victim.release();
    isStopped = true;
    const refusals = await stopAndListRefusals(world);
    const { accepted, memory } = await ride.evidence();
    const kills = Object.values(world.victims).reduce((sum, victim) => sum + victim.kills, 0);
    return { plan, kills, accepted, memory, history: history.events, ...collected, refusals, crashes, failedStarts };
  } finally {
    for (const victim of Object.values(world.victims)) victim.release();
    await history?.close();
    if (!isStopped) await world.system.stop().catch(() => {});
    await world.clocks.remove();
  }
}

async function stopAndListRefusals({ system }: World): Promise<string[]> {
  try {
    await system.stop();
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}

class Ride {
  /** The tips of the branches, by repository. */
  readonly seen = new Map<string, string[]>();
  readonly #plan: Plan;
  readonly #world: World;
  readonly #history: History;
  readonly #pusher: Pusher;
  readonly #options: RunOptions;
  readonly #faults: Faults;
  readonly #reviewers: Reviewers;
  readonly #mendings: Promise<unknown>[] = [];
  readonly #memory = new Map<string, number>();

  constructor(plan: Plan, world: World, history: History, pusher: Pusher, options: RunOptions) {
    this.#plan = plan;
    this.#world = world;
    this.#history = history;
    this.#pusher = pusher;
    this.#options = options;
    this.#faults = new Faults(world.system);
    const { system } = world;
    history.onEvent(personAt(system, plan));
    if (!system.forge) throw new Error('the system has no forge');
    this.#reviewers = new Reviewers({ plan, system, forge: system.forge, history });
  }

  async evidence(): Promise<Pick<Evidence, 'accepted' | 'memory'>> {
    const memory = await Promise.all(
      [...this.#memory].map(async ([replica, mib]) => {
        const service = services.find((name) => replica.startsWith(`${name}/`));
        return { replica, mib, limitMib: service ? await memoryLimitOf(service) : Number.POSITIVE_INFINITY };
      }),
    );
    return { accepted: this.#pusher.accepted, memory };
  }

  async act(): Promise<void> {
    for (const [index, step] of this.#plan.steps.entries()) {
      await this.#history.after(step.afterEvents, quietMs);
      if (index % 50 === 0) this.#report(`step ${index} of ${this.#plan.steps.length}`);
      switch (step.do) {
        case 'push':
          for (const push of step.pushes) this.#pusher.push(push);
          break;
        case 'rival':
          await this.#commitAsRival(step.repository, index);
          break;
        case 'blow': {
          await this.#measure();
          const { mended } = await strike(step.blow, {
            world: this.#world,
            faults: this.#faults,
            history: this.#history,
          });
          this.#mendings.push(mended);
          break;
        }
        default:
          step satisfies never;
      }
    }
    await Promise.all(this.#mendings);
    await this.#pusher.finished();
  }

  /** Waits until every accepted Ticket has ended, or none has for too long. */
  async settle(): Promise<void> {
    const isOver = () => this.#pusher.accepted.every(({ ticket }) => this.#history.ended.has(ticket));
    this.#report('everything is pushed and mended');
    let [last, since] = [this.#history.ended.size, performance.now()];
    while (!isOver()) {
      await delay(100);
      if (this.#history.ended.size !== last) [last, since] = [this.#history.ended.size, performance.now()];
      if (performance.now() - since > this.#options.stuckMs) {
        this.#report('Tickets are stuck');
        break;
      }
    }
    this.#reviewers.leave();
    await this.#measure();
  }

  async #commitAsRival(name: string, index: number): Promise<void> {
    const repository = this.#world.system.repositories[name];
    if (!repository) throw new Error(`no such repository: ${name}`);
    const files = { [`notes/${index}.md`]: 'Written by somebody else.\n' };
    const sha = await repository.commit({ files, message: `Add note ${index}` });
    this.seen.set(name, [...(this.seen.get(name) ?? []), sha]);
  }

  async #measure(): Promise<void> {
    for (const [replica, { pid }] of Object.entries(this.#world.victims)) {
      const most = Math.max(this.#memory.get(replica) ?? 0, await memoryOf(pid));
      this.#memory.set(replica, Math.round(most));
    }
  }

  #report(what: string): void {
    const { events, ended } = this.#history;
    const tickets = new Set(this.#pusher.accepted.map(({ ticket }) => ticket)).size;
    this.#options.onStep(`${what}: ${tickets} Tickets accepted, ${ended.size} ended, ${events.length} events`);
  }
}
