import { freePort, type Repository, railwayOf, type ServiceName, type System, startSystem } from '@k8sta/sandbox';
import { replicas, services, type Victim } from '../plan/blow.js';
import type { Plan } from '../plan/plan.js';
import { type PlannedTrack, patientDeadline, repositoryOf } from '../plan/track.js';
import { Clocks } from './clocks.js';
import { Killable, type KillableOptions } from './killable.js';

/** A whole K8sTA with the plan's Tracks and two replicas of each service, each of which can be killed. */
export interface World {
  readonly system: System;
  readonly victims: Readonly<Record<Victim, Killable>>;
  readonly clocks: Clocks;
  /** The addresses for webhooks, one for each replica of ingest. */
  readonly webhookUrls: readonly string[];
}

/** Messages of a killed replica come to the other one soon, and a hanging Git server is given up soon. */
const quick: Readonly<Record<ServiceName, Record<string, string>>> = {
  ingest: {},
  // An Application that heals must be seen healed before the grace is over, with an outage of the watch in between.
  tracker: { K8STA_DEGRADED_GRACE_MS: '10000' },
  promoter: { K8STA_GIT_WORKERS: '4', K8STA_GIT_FIRST_BYTE_MS: '5000', K8STA_GIT_STALL_MS: '5000' },
  'argo-watcher': {},
};

function environmentsOf(clocks: Clocks): Record<string, Record<string, string>> {
  return Object.fromEntries(
    services.map((name) => [name, { K8STA_ACK_WAIT_MS: '2000', ...quick[name], ...clocks.environmentOf(`${name}/0`) }]),
  );
}

export async function startWorld(
  plan: Plan,
  on: KillableOptions & { line(line: string): void; step(step: string): void },
  older?: string,
): Promise<World> {
  const clocks = await Clocks.of(replicas);
  const system = await startSystem({
    railway: railwayOf(
      plan.lines.map(({ hosted }) => hosted),
      patientDeadline,
    ),
    forge: { provider: plan.forge },
    argo: { pollMs: 5_000 },
    ...(older !== undefined && { versions: { [plan.behind]: older } }),
    environment: environmentsOf(clocks),
    onLine: on.line,
    onStep: on.step,
  }).catch(async (error) => {
    await clocks.remove();
    throw error;
  });
  try {
    for (const line of plan.lines) setScenario(system, line);
    on.step('a second replica of each service');
    const port = await freePort();
    const victims = await startVictims(system, clocks, { on, port });
    const second = new URL(system.webhookUrl);
    second.port = String(port);
    return {
      system,
      clocks,
      victims,
      webhookUrls: [system.webhookUrl, second.href],
    };
  } catch (error) {
    await system.stop();
    await clocks.remove();
    throw error;
  }
}

/** Starts a second replica of each service, of which that of ingest takes webhooks at this port. */
async function startVictims(
  system: System,
  clocks: Clocks,
  { on, port }: { on: KillableOptions; port: number },
): Promise<World['victims']> {
  const changes: Record<ServiceName, Record<string, string>> = {
    ingest: { K8STA_HTTP_PORT: String(port) },
    tracker: {},
    promoter: { K8STA_MIRRORS: `${system.directory}/mirrors-2` },
    'argo-watcher': {},
  };
  const victims = new Map<Victim, Killable>();
  const seconds = await Promise.all(
    services.map(
      async (name) =>
        [name, await system.replica(name, { ...changes[name], ...clocks.environmentOf(`${name}/1`) })] as const,
    ),
  );
  for (const [name, second] of seconds) {
    for (const [index, replica] of ([system.services[name], second] as const).entries()) {
      victims.set(`${name}/${index as 0 | 1}`, new Killable(`${name}/${index}`, replica, on));
    }
  }
  for (const name of ['nats', 'redis'] as const) {
    victims.set(`${name}-server`, new Killable(`${name}-server`, system[name], on));
  }
  return Object.fromEntries(victims) as Record<Victim, Killable>;
}

/** From the next change of the Application on, Argo CD behaves as planned for the Track. */
export function setScenario(system: System, line: PlannedTrack): void {
  const { scenario } = line.scenario;
  const repository = system.repositories[repositoryOf(line, line.at.application)] as Repository;
  const ready = scenario.kind === 'laterCommitWins' ? { ...scenario, repository } : scenario;
  system.argo.setScenario(line.at.application, ready);
}
