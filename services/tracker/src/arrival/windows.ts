import type { DataOf } from '@k8sta/contracts';
import { globMatcher } from '@k8sta/text/glob';
import { parseDuration } from '@k8sta/tracks';
import { Cron } from 'croner';

type Window = DataOf<'project.observed'>['syncWindows'][number];
type Observed = DataOf<'application.observed'>;

export interface BlockingWindow {
  /** The active deny window, or the closed allow windows, for a message. */
  readonly description: string;
  /** When the next window of the Application opens or closes, in milliseconds since the epoch. */
  readonly changesAt?: number;
}

/**
 * The sync window that keeps Argo CD from syncing this Application by itself now; undefined if no window does. The rules
 * are Argo CD's (pkg/apis/application/v1alpha1/types.go, SyncWindows.CanSync): an active deny window blocks, and if there are
 * allow windows, at least one must be active.
 */
export function blockingWindow(windows: readonly Window[], observed: Observed, now: Date): BlockingWindow | undefined {
  const matching = windows
    .filter((window) => concerns(window, observed))
    .map((window) => ({ window, ...phaseOf({ ...window, durationMs: parseDuration(window.duration) }, now) }));
  const deny = matching.find(({ window, isOpen }) => window.kind === 'deny' && isOpen);
  const allow = matching.filter(({ window }) => window.kind === 'allow');
  if (!deny && (allow.length === 0 || allow.some(({ isOpen }) => isOpen))) return undefined;
  const changes = matching.flatMap(({ changesAt }) => changesAt ?? []);
  return {
    description: deny ? describe(deny.window) : allow.map(({ window }) => describe(window)).join(', '),
    ...(changes.length > 0 && { changesAt: Math.min(...changes) }),
  };
}

function concerns(
  { applications, namespaces, clusters, andOperator }: Window,
  { name, destination }: Observed,
): boolean {
  const conditions = [
    [applications, [name]],
    [namespaces, [destination?.namespace]],
    [clusters, [destination?.name, destination?.server]],
  ] as const;
  const given = conditions.filter(([patterns]) => patterns && patterns.length > 0);
  const met = given.map(([patterns, values]) => values.some((value) => matches(patterns, value)));
  return andOperator ? met.length > 0 && met.every(Boolean) : met.some(Boolean);
}

function matches(patterns: readonly string[] | undefined, value: string | undefined): boolean {
  return value !== undefined && (patterns ?? []).some((pattern) => globMatcher(pattern, { crossesSlash: true })(value));
}

/**
 * Whether a window is open, and when it opens or closes next. One whose schedule or duration cannot be parsed is never
 * open: Argo CD ignores such a window, too.
 */
export function phaseOf(
  {
    schedule,
    durationMs,
    timeZone,
  }: { schedule: string; durationMs: number | undefined; timeZone?: string | undefined },
  now: Date,
): { isOpen: boolean; changesAt?: number } {
  try {
    const cron = new Cron(schedule, { timezone: timeZone || 'UTC' });
    // croner omits a run in the same second.
    const start = cron.previousRuns(2, new Date(now.getTime() + 1_000)).find((each) => each <= now);
    const end = start && start.getTime() + (durationMs ?? 0);
    if (end !== undefined && now.getTime() < end) return { isOpen: true, changesAt: end };
    const next = durationMs === undefined ? undefined : cron.nextRun(now)?.getTime();
    return { isOpen: false, ...(next !== undefined && { changesAt: next }) };
  } catch {
    return { isOpen: false };
  }
}

function describe({ kind, schedule, duration, timeZone }: Window): string {
  return `${kind} "${schedule}" for ${duration}${timeZone ? ` in ${timeZone}` : ''}`;
}
