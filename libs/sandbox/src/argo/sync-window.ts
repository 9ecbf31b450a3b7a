import { Cron } from 'croner';
import picomatch from 'picomatch';
import { z } from 'zod';
import type { Application } from './application.js';

const patterns = z.array(z.string()).default([]);

const syncWindow = z.looseObject({
  kind: z.enum(['allow', 'deny']),
  schedule: z.string(),
  duration: z.string(),
  timeZone: z.string().optional(),
  applications: patterns,
  namespaces: patterns,
  clusters: patterns,
  manualSync: z.boolean().default(false),
});

const project = z.looseObject({ syncWindows: z.array(syncWindow).default([]) });

type SyncWindow = z.infer<typeof syncWindow>;

/** An AppProject's window that is always open. */
export function denyWindow(application: string) {
  return { kind: 'deny', schedule: '* * * * *', duration: '1h', applications: [application] };
}

/** `SyncWindows.CanSync` of argo-cd: whether the windows in the `spec` of its AppProject block a sync now. */
export function isBlocked(projectSpec: unknown, application: Application, how: 'automatic' | 'manual', now: Date) {
  const windows = project.parse(projectSpec ?? {}).syncWindows.filter((window) => concerns(window, application));
  const denying = windows.filter((window) => window.kind === 'deny' && isOpen(window, now));
  if (denying.length > 0) return how === 'automatic' || !denying.every(({ manualSync }) => manualSync);
  const allowing = windows.filter(({ kind }) => kind === 'allow');
  if (allowing.length === 0 || allowing.some((window) => isOpen(window, now))) return false;
  return how === 'automatic' || !allowing.every(({ manualSync }) => manualSync);
}

function concerns({ applications, namespaces, clusters }: SyncWindow, { metadata, spec }: Application): boolean {
  const { namespace, name, server } = spec.destination;
  return (
    matches(applications, metadata.name) ||
    matches(namespaces, namespace) ||
    matches(clusters, name) ||
    matches(clusters, server)
  );
}

function matches(globs: readonly string[], value: string | undefined): boolean {
  return value !== undefined && globs.some((glob) => picomatch.isMatch(value, glob, { bash: true }));
}

function isOpen({ schedule, duration, timeZone }: SyncWindow, now: Date): boolean {
  // croner omits a run at exactly the given second.
  const until = new Date(now.getTime() + 1_000);
  const starts = new Cron(schedule, { timezone: timeZone ?? 'UTC' }).previousRuns(2, until);
  const start = starts.find((each) => each <= now);
  return start !== undefined && now.getTime() < start.getTime() + durationMs(duration);
}

const unitMs: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1_000 };

/** A duration in Go's format: `1h30m`. */
function durationMs(duration: string): number {
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)([hms])/g)];
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (unitMs[unit] ?? 0), 0);
}
