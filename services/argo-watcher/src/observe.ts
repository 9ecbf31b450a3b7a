import { isDeepStrictEqual } from 'node:util';
import { project, type Slice } from '@k8sta/applications';
import { type BusEvent, compareVersions, eventId } from '@k8sta/contracts';
import type { Comparison, Kind } from './kind.js';

export type ObservedEvent = Extract<BusEvent, { type: 'application.observed' }>;
export type GoneEvent = Extract<BusEvent, { type: 'application.gone' }>;

export function applications(instance: string): Kind<Slice> {
  return {
    plural: 'Applications',
    unfollowed: 'Applications cannot be followed',
    read: (object, now) => project(object, { instance, now }),
    compare,
    observed: observedEvent,
    gone: goneEvent,
  };
}

export function compare(previous: Slice | undefined, current: Slice): Comparison {
  if (!previous) return 'changed';
  if (compareVersions(current, previous) < 0) return 'older';
  if (isDeepStrictEqual(decisive(previous), decisive(current)) && !isFresher(previous, current)) return 'same';
  return 'changed';
}

/**
 * Everything except what changes without a meaning: each reconcile writes the object, messages count progress, and the history
 * grows just before the end of a sync is written.
 */
function decisive({ resourceVersion: _, observedAt: __, reconciledAt: ___, history: ____, ...rest }: Slice): object {
  const { health, operation } = rest;
  return {
    ...rest,
    health: { ...health, message: gist(health.message) },
    ...(operation && {
      operation: { ...operation, message: gist(operation.message), failures: operation.failures?.map(gist) },
    }),
    errors: rest.errors.map(({ type, message }) => ({ type, message: gist(message) })),
  };
}

/**
 * A message without its numbers: "waiting for completion of hook batch/Job/migrate and 3 more hooks" is written again
 * for each hook that ends. A number within a name is part of the name. The repo-server repeats an error as
 * "Manifest generation error (cached): ...", which is the same error.
 */
function gist(message: string | undefined): string | undefined {
  return message?.replace('Manifest generation error (cached): ', '').replace(/(?<![\w.-])\d+(\.\d+)?(?![\w.-])/g, '#');
}

/**
 * Whether a new `reconciledAt` has a meaning: the first one, or one after an operation that had finished later than
 * the last. Until then sync and health are those from before the operation. In whole seconds, the comparison that found
 * it OutOfSync is as young as the end of a short operation.
 */
function isFresher(previous: Slice, current: Slice): boolean {
  if (current.reconciledAt === previous.reconciledAt || !current.reconciledAt) return false;
  if (!previous.reconciledAt) return true;
  if (!current.operation?.finishedAt) return false;
  const [before, finished] = [Date.parse(previous.reconciledAt), Date.parse(current.operation.finishedAt)];
  return before < finished || (before === finished && current.sync.status === 'OutOfSync');
}

export function observedEvent(slice: Slice): ObservedEvent {
  const { namespace, name, uid, resourceVersion } = slice;
  return {
    type: 'application.observed',
    // Never by content: Healthy, Degraded, Healthy again would lose the third to deduplication.
    id: eventId('application.observed', namespace, name, uid, resourceVersion),
    data: slice,
  };
}

/** `resourceVersion` is where it was found gone: one that leaves a selector twice is gone twice. */
export function goneEvent(
  { instance, namespace, name, uid }: Pick<Slice, 'instance' | 'namespace' | 'name' | 'uid'>,
  resourceVersion: string,
  now: Date,
): GoneEvent {
  return {
    type: 'application.gone',
    id: eventId('application.gone', namespace, name, uid, resourceVersion),
    data: { instance, namespace, name, uid, resourceVersion, observedAt: now.toISOString() },
  };
}
