import type { DataOf } from '@k8sta/contracts';
import { parseDuration } from '@k8sta/tracks';
import { Cron } from 'croner';
import picomatch from 'picomatch';

type Window = DataOf<'project.observed'>['syncWindows'][number];
type Observed = DataOf<'application.observed'>;

/**
 * The sync window that keeps Argo CD from syncing this Application by itself now, in words; undefined where none does.
 * It explains a wait and decides nothing: the real rules are Argo CD's (pkg/apis/application/v1alpha1/types.go,
 * SyncWindows.CanSync): an active deny window blocks, and so does a closed one where there are allow windows.
 */
export function blockingWindow(windows: readonly Window[], observed: Observed, now: Date): string | undefined {
  const matching = windows.filter((window) => concerns(window, observed));
  const deny = matching.find((window) => window.kind === 'deny' && isOpen(window, now));
  if (deny) return spell(deny);
  const allow = matching.filter((window) => window.kind === 'allow');
  if (allow.length === 0 || allow.some((window) => isOpen(window, now))) return undefined;
  return allow.map(spell).join(', ');
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
  return value !== undefined && (patterns ?? []).some((pattern) => picomatch.isMatch(value, pattern, { bash: true }));
}

/** False where the schedule or the duration cannot be read: what is not understood explains nothing. */
function isOpen({ schedule, duration, timeZone }: Window, now: Date): boolean {
  try {
    // croner leaves out a run at the very second it is asked about.
    const starts = new Cron(schedule, { timezone: timeZone || 'UTC' }).previousRuns(2, new Date(now.getTime() + 1_000));
    const start = starts.find((each) => each <= now);
    return start !== undefined && now.getTime() < start.getTime() + (parseDuration(duration) ?? 0);
  } catch {
    return false;
  }
}

function spell({ kind, schedule, duration, timeZone }: Window): string {
  return `${kind} "${schedule}" for ${duration}${timeZone ? ` in ${timeZone}` : ''}`;
}
