import { terminalStates, ticketFailure } from '@k8sta/contracts';
import { unreachable } from '@k8sta/text';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Freshness } from './freshness.js';
import { type Measurement, stationFailures, type TicketOutcome } from './projections/measure.js';
import { registerFreshness, registerReadings } from './readings.js';
import type { Owners } from './replicas/owner.js';
import type { TrackState } from './ride/state.js';

export interface Metrics {
  /** Keeps the Track as this replica last saw it. */
  saw(state: TrackState): void;
  /** Counts a saved step of the Track. */
  took(track: string, measurements: readonly Measurement[]): void;
  /** Counts a step by what became of it. */
  stepped(outcome: StepOutcome): void;
}

/**
 * Raced: another tracker saved the Track between the load and the save, so that the step was decided again. Unchanged: only the
 * timer was set.
 */
export const stepOutcomes = ['saved', 'unchanged', 'raced'] as const;

export type StepOutcome = (typeof stepOutcomes)[number];

export interface MetricsOptions {
  readonly tracks: readonly { readonly name: string; readonly stations: readonly { readonly name: string }[] }[];
  /** The Argo CD instances that the Tracks use. */
  readonly instances: readonly string[];
  readonly freshness: Pick<Freshness, 'currentAsOf'>;
  readonly owners: Pick<Owners, 'isOurs'>;
  readonly now: () => Date;
}

/** The tracker's own metrics. */
export function createMetrics(
  registry: Registry,
  { tracks, instances, freshness, owners, now }: MetricsOptions,
): Metrics {
  const seen = new Map<string, TrackState>();
  const counts = rideCounts(registry);
  const last = new Map(tracks.map(({ name, stations }) => [name, stations.at(-1)?.name]));
  startCounts(counts, tracks);
  const steps = new Counter({
    name: 'k8sta_tracker_steps_total',
    help: 'Decisions on a Track, by what became of them: saved, unchanged (only the timer was set), or raced (another replica saved the Track first, and this one decided again).',
    labelNames: ['outcome'],
    registers: [registry],
  });
  for (const outcome of stepOutcomes) steps.inc({ outcome }, 0);
  registerReadings(registry, () => [...seen.values()].filter(({ track }) => owners.isOurs(track)), now);
  registerFreshness(registry, instances, freshness, now);
  return {
    saw: (state) => void seen.set(state.track, state),
    stepped: (outcome) => steps.inc({ outcome }),
    took(track, measurements) {
      for (const measured of measurements) {
        switch (measured.of) {
          case 'commit':
          case 'sync':
          case 'health':
          case 'restore':
            counts[measured.of].observe({ track, station: measured.station }, measured.seconds);
            break;
          case 'ride':
            counts.ride.observe({ track }, measured.seconds);
            break;
          case 'end':
            counts.end.inc({ track, outcome: measured.outcome });
            break;
          case 'arrival':
            counts.arrival.inc({ track, station: measured.station });
            if (measured.station === last.get(track)) counts.deployment.inc({ track });
            break;
          case 'failure':
            counts.failure.inc({ track, station: measured.station, outcome: measured.outcome });
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

/** Every series exists from the start, so that the first event is an increase. */
function startCounts(counts: ReturnType<typeof rideCounts>, tracks: MetricsOptions['tracks']): void {
  for (const { name: track, stations } of tracks) {
    for (const outcome of outcomes) counts.end.inc({ track, outcome }, 0);
    counts.deployment.inc({ track }, 0);
    for (const { name: station } of stations) {
      counts.arrival.inc({ track, station }, 0);
      for (const outcome of stationFailures) counts.failure.inc({ track, station, outcome }, 0);
    }
  }
}

const [hour, day] = [3_600, 86_400];
/** Of what Argo CD does. */
const seconds = [1, 5, 10, 30, 60, 120, 300, 600, 1800, hour];
/** Of what may wait for people, windows and soaks. A Ticket is open for 14 days at most. */
const secondsToWeeks = [5, 30, 60, 300, 900, 1800, hour, 4 * hour, 12 * hour, day, 3 * day, 7 * day, 14 * day];

/** Only the replica that saves a step counts it, so these are summed over the replicas. */
function rideCounts(registry: Registry) {
  const registers = [registry];
  const duration = <Label extends string>(name: string, help: string, labelNames: Label[], buckets: number[]) =>
    new Histogram({ name, help, labelNames, registers, buckets });
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers });
  return {
    commit: duration(
      'k8sta_tracker_commit_seconds',
      'From the webhook, or from the arrival at the previous Station, to the commits for this Station, including the waits of the Ticket.',
      ['track', 'station'],
      secondsToWeeks,
    ),
    sync: duration(
      'k8sta_tracker_sync_seconds',
      'From the commit until Argo CD has synced it, for each Application.',
      ['track', 'station'],
      seconds,
    ),
    health: duration(
      'k8sta_tracker_health_seconds',
      'From the end of the sync until the Application has arrived: it is healthy, and its health is not stale.',
      ['track', 'station'],
      seconds,
    ),
    ride: duration(
      'k8sta_tracker_ride_seconds',
      'From the webhook to the arrival at the last Station, for completed Tickets: the lead time.',
      ['track'],
      secondsToWeeks,
    ),
    restore: duration(
      'k8sta_tracker_restore_seconds',
      'From a failure at a Station to the end of its rollback or, without one, to the next arrival there: the time to restore.',
      ['track', 'station'],
      secondsToWeeks,
    ),
    arrival: counter('k8sta_tracker_arrivals_total', 'Arrivals of Tickets at a Station.', ['track', 'station']),
    deployment: counter(
      'k8sta_tracker_deployments_total',
      'Arrivals at the last Station of the Track: the deployment frequency.',
      ['track'],
    ),
    failure: counter(
      'k8sta_tracker_station_failures_total',
      'Commits of K8sTA that failed at a Station, by outcome: failed (the commit stays), rolledBack or rollbackFailed. Beside the arrivals, this is the change failure rate.',
      ['track', 'station', 'outcome'],
    ),
    end: counter(
      'k8sta_tracker_tickets_ended_total',
      'Tickets that ended, by outcome: completed, superseded, cancelled, or the reason of the failure.',
      ['track', 'outcome'],
    ),
  };
}
