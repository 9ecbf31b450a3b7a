import { openStates, type TicketState, trackFinding } from '@k8sta/contracts';
import { Gauge, type Registry } from 'prom-client';
import type { Freshness } from './freshness.js';
import { readySince } from './projections/measure.js';
import type { TrackState } from './ride/state.js';

/**
 * Gauges that read each Track of this replica, as it last saw it, when the metrics are scraped: what it saw of the Tracks of
 * others is old. Two replicas report the same Track while one takes over from the other.
 */
export function registerReadings(registry: Registry, seen: () => readonly TrackState[], now: () => Date): void {
  const registers = [registry];
  const secondsSince = (moment: string) => (now().getTime() - Date.parse(moment)) / 1000;
  new Gauge({
    name: 'k8sta_tracker_tickets',
    help: 'Open Tickets, by state. Each replica reports its own Tracks, and two report the same one while one takes over: take the max over the replicas, never the sum.',
    labelNames: ['track', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { track, tickets } of seen()) {
        const states = Object.values(tickets).map(({ ticket }) => ticket.state.is);
        for (const state of openStates) this.set({ track, state }, states.filter((each) => each === state).length);
      }
    },
  });
  new Gauge({
    name: 'k8sta_tracker_oldest_waiting_seconds',
    help: 'How long the Ticket that waits longest has waited, since its webhook or its last arrival; 0 if no Ticket waits. Take the max over the replicas.',
    labelNames: ['track'],
    registers,
    collect() {
      this.reset();
      for (const { track, tickets } of seen()) {
        const waiting = Object.values(tickets).filter(({ ticket }) => ticket.state.is === 'waiting');
        this.set({ track }, Math.max(0, ...waiting.map(({ ticket }) => secondsSince(readySince(ticket)))));
      }
    },
  });
  new Gauge({
    name: 'k8sta_tracker_wait_seconds',
    help: 'How long the Ticket that has waited longest for this reason has waited for it, in any state; absent if none waits for it. Take the max over the replicas.',
    labelNames: ['track', 'reason'],
    registers,
    collect() {
      // A Track has few of all reasons at a time, and the others would be many series.
      this.reset();
      for (const { track, tickets } of seen()) {
        for (const [reason, since] of oldestByReason(tickets)) this.set({ track, reason }, secondsSince(since));
      }
    },
  });
  new Gauge({
    name: 'k8sta_tracker_findings',
    help: 'Problems of a Track that would stop a Ticket, by reason; the event track.checked says where and why. Take the max over the replicas.',
    labelNames: ['track', 'reason'],
    registers,
    collect() {
      this.reset();
      for (const { track, findings } of seen()) {
        for (const reason of trackFinding.options) {
          this.set({ track, reason }, findings.filter((each) => each.reason === reason).length);
        }
      }
    },
  });
}

function oldestByReason(tickets: TrackState['tickets']): Map<string, string> {
  const oldest = new Map<string, string>();
  for (const { ticket } of Object.values(tickets)) {
    const { state } = ticket;
    if (!isOpen(state)) continue;
    const known = oldest.get(state.reason);
    if (known === undefined || Date.parse(state.since) < Date.parse(known)) oldest.set(state.reason, state.since);
  }
  return oldest;
}

type OpenState = Extract<TicketState, { is: (typeof openStates)[number] }>;

function isOpen(state: TicketState): state is OpenState {
  return openStates.some((open) => open === state.is);
}

export function registerFreshness(
  registry: Registry,
  instances: readonly string[],
  freshness: Pick<Freshness, 'currentAsOf'>,
  now: () => Date,
): void {
  new Gauge({
    name: 'k8sta_tracker_observation_age_seconds',
    help: 'How old the observations of an Argo CD may be: the age of the last heartbeat of its argo-watcher. Above 60, no Ticket arrives or departs. Absent until the first heartbeat. Take the min over the replicas.',
    labelNames: ['argo_instance'],
    registers: [registry],
    collect() {
      for (const instance of instances) {
        const asOf = freshness.currentAsOf()[instance];
        if (asOf) this.set({ argo_instance: instance }, (now().getTime() - Date.parse(asOf)) / 1000);
      }
    },
  });
}
