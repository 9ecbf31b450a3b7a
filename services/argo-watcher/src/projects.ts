import { isDeepStrictEqual } from 'node:util';
import { identitySchema } from '@k8sta/applications';
import type { Bus } from '@k8sta/bus';
import { type BusEvent, type DataOf, eventId } from '@k8sta/contracts';
import type { Logger } from '@k8sta/runtime';
import { formatIssues } from '@k8sta/text';
import { z } from 'zod';
import type { Clock } from './clock.js';
import { Follower } from './follow.js';
import type { Kind } from './kind.js';
import { Outbox } from './outbox.js';
import type { ObjectSource } from './source.js';

type Project = DataOf<'project.observed'>;
type SyncWindow = Project['syncWindows'][number];

const text = z.string().max(512);
const texts = z.array(text).max(100).nullish();

/** `SyncWindow` of argo-cd 3.6 (pkg/apis/application/v1alpha1/types.go). */
const windowSchema = z.object({
  kind: z.enum(['allow', 'deny']),
  schedule: text,
  duration: text,
  timeZone: text.nullish(),
  applications: texts,
  namespaces: texts,
  clusters: texts,
  manualSync: z.boolean().nullish(),
  andOperator: z.boolean().nullish(),
});

const projectSchema = z.object({ spec: z.object({ syncWindows: z.array(z.unknown()).nullish() }).nullish() });

const windowLimit = 50;

/** AppProjects, of which only the sync windows are read. Nothing is published about a deleted one. */
export function projects(instance: string): Kind<Project> {
  return {
    plural: 'AppProjects',
    unfollowed: 'AppProjects cannot be followed, continuing without their sync windows',
    read: (object, now) => readProject(object, instance, now),
    compare(previous, current) {
      if (!previous) return 'changed';
      if (BigInt(current.resourceVersion) < BigInt(previous.resourceVersion)) return 'older';
      return isDeepStrictEqual(previous.syncWindows, current.syncWindows) ? 'same' : 'changed';
    },
    observed: observedEvent,
    gone: () => undefined,
  };
}

function readProject(object: unknown, instance: string, now: Date): { slice: Project } | { fault: string } {
  const identity = identitySchema.safeParse(object);
  const project = projectSchema.safeParse(object);
  if (!identity.success) return { fault: formatIssues(identity.error) };
  if (!project.success) return { fault: formatIssues(project.error) };
  const { namespace, name, uid, resourceVersion } = identity.data.metadata;
  const syncWindows = (project.data.spec?.syncWindows ?? []).slice(0, windowLimit).flatMap(readWindow);
  return { slice: { instance, namespace, name, uid, resourceVersion, observedAt: now.toISOString(), syncWindows } };
}

/** A window that is not valid is skipped: Argo CD ignores it as well. */
function readWindow(window: unknown): SyncWindow[] {
  const read = windowSchema.safeParse(window).data;
  if (!read) return [];
  const { kind, schedule, duration, ...rest } = read;
  // An empty value in Go counts as absent.
  const given = Object.entries(rest).filter(([, value]) => value && !(Array.isArray(value) && value.length === 0));
  return [{ kind, schedule, duration, ...Object.fromEntries(given) }];
}

function observedEvent(project: Project): BusEvent {
  const { namespace, name, uid, resourceVersion } = project;
  const id = eventId('project.observed', namespace, name, uid, resourceVersion);
  return { type: 'project.observed', id, data: project };
}

export interface ProjectsOptions {
  readonly instance: string;
  readonly sources: readonly ObjectSource[];
  readonly bus: Pick<Bus, 'publish'>;
  readonly idleMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Publishes the sync windows until the signal is aborted. They only explain why an Application waits, so a watcher that may
 * not read them continues without them: neither readiness nor heartbeat depends on them.
 */
export async function followProjects(options: ProjectsOptions, signal: AbortSignal): Promise<void> {
  const { instance, sources, bus, idleMs, clock, log } = options;
  const outbox = new Outbox({ bus, clock, log, onPublished: () => {} });
  const followers = sources.map(
    (source) =>
      new Follower({
        ...{ kind: projects(instance), source, outbox, idleMs, clock, log },
        findDeparted: async () => [],
        onSeen: () => {},
        onList: () => {},
        onOpen: () => {},
      }),
  );
  await Promise.all(followers.map((follower) => follower.run(signal)));
  await outbox.close();
}
