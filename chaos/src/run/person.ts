import type { System } from '@k8sta/sandbox';
import { type Happened, isEnd } from '../evidence.js';
import type { Plan } from '../plan/plan.js';
import type { PlannedTrack } from '../plan/track.js';
import { setScenario } from './world.js';

/** Does what a scenario leaves to a person: syncs where auto-sync is off, and creates an Application that was deleted. */
export function personAt(system: System, plan: Plan): (event: Happened) => void {
  const { argo, applications } = system;
  const lines = new Map(plan.lines.map((line) => [line.name, line]));
  const revive = ({ at }: PlannedTrack) => {
    const spec = applications.find(({ name }) => name === at.application);
    if (spec && !argo.application(at.application)) argo.createApplication(spec);
  };
  return (event) => {
    const line = lines.get(event.track);
    if (!line) return;
    const { scenario, ends, message } = line.scenario;
    // Not while a Ticket waits for it: it would arrive.
    if (scenario.kind === 'deleted' && event.type !== 'ticket.syncing') revive(line);
    if (ends !== 'waiting') return;
    if (event.type === 'ticket.syncing' && message?.test(event.message ?? '')) {
      argo.setScenario(line.at.application, { kind: 'healthy' });
    }
    if (isEnd(event)) setScenario(system, line);
  };
}
