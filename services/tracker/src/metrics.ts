import { openStates, terminalStates, ticketFailure, trackFinding } from '@k8sta/contracts';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type Measurement, onItsWaySince, type RideOutcome } from './ride/measure.js';
import type { TrackState } from './ride/state.js';

export interface Metrics {
  /** A Track as it is, or as it was when this replica looked last. */
  saw(state: TrackState): void;
  /** A step of the Track was saved. */
  took(track: string, measurements: readonly Measurement[]): void;
}

export interface MetricsOptions {
  readonly tracks: readonly { readonly name: string }[];
  /** The Argo CDs that the Tracks ride on. */
  readonly instances: readonly string[];
  readonly now: () => Date;
}

/** The tracker's own metrics. */
export function createMetrics(registry: Registry, { tracks, instances, now }: MetricsOptions): Metrics {
  const seen = new Map<string, TrackState>();
  const counts = rideCounts(registry);
  // From the start, so that the first one is an increase.
  for (const { name: track } of tracks) for (const outcome of outcomes) counts.end.inc({ track, outcome }, 0);
  registerReadings(registry, seen, instances, now);
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
            throw new TypeError(`nothing measures ${JSON.stringify(measured satisfies never)}`);
        }
      }
    },
  };
}

const outcomes: readonly RideOutcome[] = [
  ...terminalStates.filter((state) => state !== 'failed'),
  ...ticketFailure.options,
];

/** What the replica that saves a step counts; over replicas it is summed. */
function rideCounts(registry: Registry) {
  const registers = [registry];
  const duration = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Histogram({ name, help, labelNames, registers, buckets: [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600] });
  return {
    commit: duration(
      'k8sta_tracker_commit_seconds',
      'From the webhook, or from the arrival at the Station before, to the commits for this Station; whatever the Ticket waited for is in it.',
      ['track', 'station'],
    ),
    sync: duration('k8sta_tracker_sync_seconds', 'From the commit until Argo CD had synced it, for each Application.', [
      'track',
      'station',
    ]),
    health: duration(
      'k8sta_tracker_health_seconds',
      'From the end of the sync until the Application had arrived, that is, was healthy and known to be so.',
      ['track', 'station'],
    ),
    ride: duration(
      'k8sta_tracker_ride_seconds',
      'From the webhook to the arrival at the last Station, of the Tickets that were completed.',
      ['track'],
    ),
    end: new Counter({
      name: 'k8sta_tracker_tickets_ended_total',
      help: 'Tickets whose ride is over, by how it ended: completed, superseded, cancelled, or the reason of the failure.',
      labelNames: ['track', 'outcome'],
      registers,
    }),
  };
}

/** What is read, when somebody asks, from the Tracks as this replica saw them last. */
function registerReadings(
  registry: Registry,
  seen: ReadonlyMap<string, TrackState>,
  instances: readonly string[],
  now: () => Date,
): void {
  const registers = [registry];
  const secondsSince = (moment: string) => (now().getTime() - Date.parse(moment)) / 1000;
  new Gauge({
    name: 'k8sta_tracker_tickets',
    help: 'Tickets that are riding, by their state. Each replica reports what it saw last of each Track: take max over the replicas, never sum.',
    labelNames: ['track', 'state'],
    registers,
    collect() {
      for (const { track, riders } of seen.values()) {
        const states = Object.values(riders).map(({ ticket }) => ticket.state.is);
        for (const state of openStates) this.set({ track, state }, states.filter((each) => each === state).length);
      }
    },
  });
  new Gauge({
    name: 'k8sta_tracker_oldest_waiting_seconds',
    help: 'For how long the Ticket that waits longest has been waiting, since its webhook or its last arrival; 0 while none waits. Take max over the replicas.',
    labelNames: ['track'],
    registers,
    collect() {
      for (const { track, riders } of seen.values()) {
        const waiting = Object.values(riders).filter(({ ticket }) => ticket.state.is === 'waiting');
        this.set({ track }, Math.max(0, ...waiting.map(({ ticket }) => secondsSince(onItsWaySince(ticket)))));
      }
    },
  });
  new Gauge({
    name: 'k8sta_tracker_findings',
    help: 'What is wrong with a Track before a train gets stuck on it, by reason; the event track.checked says where and why. Take max over the replicas.',
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
  new Gauge({
    name: 'k8sta_tracker_picture_age_seconds',
    help: "How old argo-watcher's picture is, by its last heartbeat; beyond 60 nothing arrives and nothing departs. Absent until it was heard once. Take min over the replicas.",
    labelNames: ['argo_instance'],
    registers,
    collect() {
      for (const instance of instances) {
        const ages = [...seen.values()].flatMap(({ currentAsOf: { [instance]: asOf } }) =>
          asOf ? secondsSince(asOf) : [],
        );
        if (ages.length > 0) this.set({ argo_instance: instance }, Math.min(...ages));
      }
    },
  });
}
