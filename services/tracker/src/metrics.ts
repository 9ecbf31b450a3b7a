import { openStates, terminalStates, ticketFailure, trackFinding } from '@k8sta/contracts';
import { unreachable } from '@k8sta/text';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Freshness } from './freshness.js';
import { type Measurement, readySince, type TicketOutcome } from './projections/measure.js';
import type { TrackState } from './ride/state.js';

export interface Metrics {
  /** Keeps the Track as this replica last saw it. */
  saw(state: TrackState): void;
  /** Counts a saved step of the Track. */
  took(track: string, measurements: readonly Measurement[]): void;
}

export interface MetricsOptions {
  readonly tracks: readonly { readonly name: string }[];
  /** The Argo CD instances that the Tracks use. */
  readonly instances: readonly string[];
  readonly freshness: Pick<Freshness, 'currentAsOf'>;
  readonly now: () => Date;
}

/** The tracker's own metrics. */
export function createMetrics(registry: Registry, { tracks, instances, freshness, now }: MetricsOptions): Metrics {
  const seen = new Map<string, TrackState>();
  const counts = rideCounts(registry);
  // Every series exists from the start, so that the first event is an increase.
  for (const { name: track } of tracks) for (const outcome of outcomes) counts.end.inc({ track, outcome }, 0);
  registerReadings(registry, seen, now);
  registerFreshness(registry, instances, freshness, now);
  return {
    saw: (state) => void seen.set(state.track, state),
    took(track, measurements) {
      for (const measured of measurements) {
        switch (measured.of) {
          case 'commit':
          case 'sync':
          case 'health':
            counts[measured.of].observe({ track, station: measured.station }, measured.seconds);
            break;
          case 'ride':
            counts.ride.observe({ track }, measured.seconds);
            break;
          case 'end':
            counts.end.inc({ track, outcome: measured.outcome });
            break;
          default:
            unreachable('measurement', measured);
        }
      }
    },
  };
}

const outcomes: readonly TicketOutcome[] = [
  ...terminalStates.filter((state) => state !== 'failed'),
  ...ticketFailure.options,
];

/** Only the replica that saves a step counts it, so these are summed over the replicas. */
function rideCounts(registry: Registry) {
  const registers = [registry];
  const duration = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Histogram({ name, help, labelNames, registers, buckets: [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600] });
  return {
    commit: duration(
      'k8sta_tracker_commit_seconds',
      'From the webhook, or from the arrival at the previous Station, to the commits for this Station, including the waits of the Ticket.',
      ['track', 'station'],
    ),
    sync: duration('k8sta_tracker_sync_seconds', 'From the commit until Argo CD has synced it, for each Application.', [
      'track',
      'station',
    ]),
    health: duration(
      'k8sta_tracker_health_seconds',
      'From the end of the sync until the Application has arrived: it is healthy, and its health is not stale.',
      ['track', 'station'],
    ),
    ride: duration(
      'k8sta_tracker_ride_seconds',
      'From the webhook to the arrival at the last Station, for completed Tickets.',
      ['track'],
    ),
    end: new Counter({
      name: 'k8sta_tracker_tickets_ended_total',
      help: 'Tickets that ended, by outcome: completed, superseded, or the reason of the failure.',
      labelNames: ['track', 'outcome'],
      registers,
    }),
  };
}

/** Gauges that read each Track, as this replica last saw it, when the metrics are scraped. */
function registerReadings(registry: Registry, seen: ReadonlyMap<string, TrackState>, now: () => Date): void {
  const registers = [registry];
  const secondsSince = (moment: string) => (now().getTime() - Date.parse(moment)) / 1000;
  new Gauge({
    name: 'k8sta_tracker_tickets',
    help: 'Open Tickets, by state. Each replica reports each Track as it last saw it: take the max over the replicas, never the sum.',
    labelNames: ['track', 'state'],
    registers,
    collect() {
      for (const { track, tickets } of seen.values()) {
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
      for (const { track, tickets } of seen.values()) {
        const waiting = Object.values(tickets).filter(({ ticket }) => ticket.state.is === 'waiting');
        this.set({ track }, Math.max(0, ...waiting.map(({ ticket }) => secondsSince(readySince(ticket)))));
      }
    },
  });
  new Gauge({
    name: 'k8sta_tracker_findings',
    help: 'Problems of a Track that would stop a Ticket, by reason; the event track.checked says where and why. Take the max over the replicas.',
    labelNames: ['track', 'reason'],
    registers,
    collect() {
      for (const { track, findings = [] } of seen.values()) {
        for (const reason of trackFinding.options) {
          this.set({ track, reason }, findings.filter((each) => each.reason === reason).length);
        }
      }
    },
  });
}

function registerFreshness(
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
