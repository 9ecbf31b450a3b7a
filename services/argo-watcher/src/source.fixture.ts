import { type ApplicationObject, synced } from '@k8sta/applications/fixture';
import type { ListStep, ObjectSource, Refusal, RefusalKind, WatchStep } from './source.js';

/** A step, or what happens in the world at this moment. */
type Scripted<Step> = Step | (() => void | Promise<void>);

/** A source that plays the test's script: one for each list and each watch. */
export class ScriptedSource implements ObjectSource {
  readonly namespace = 'argocd';
  readonly watchMs = 20_000;
  readonly lists: Scripted<ListStep>[][] = [];
  readonly watches: Scripted<WatchStep>[][] = [];
  /** The requests: `list`, or `watch <resourceVersion>`. */
  readonly asked: string[] = [];

  list(): AsyncIterable<ListStep> {
    this.asked.push('list');
    return play(this.lists.shift() ?? [refused('failed')]);
  }

  watch(resourceVersion: string): AsyncIterable<WatchStep> {
    this.asked.push(`watch ${resourceVersion}`);
    return play(this.watches.shift() ?? [refused('failed')]);
  }
}

async function* play<Step extends object>(script: readonly Scripted<Step>[]): AsyncGenerator<Step> {
  for (const step of script) {
    if (typeof step === 'function') await step();
    else yield step;
  }
}

export function listOf(resourceVersion: number, ...items: ApplicationObject[]): ListStep[] {
  return [
    { is: 'items', items },
    { is: 'listed', resourceVersion: String(resourceVersion) },
  ];
}

export const open: WatchStep = { is: 'open' };

export function event(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: unknown): WatchStep {
  return { is: 'event', type, object };
}

export function bookmark(resourceVersion: number): WatchStep {
  return { is: 'bookmark', resourceVersion: String(resourceVersion) };
}

export function refused(kind: RefusalKind, more: Partial<Refusal> = {}): { is: 'refused'; refusal: Refusal } {
  return { is: 'refused', refusal: { kind, words: `it is ${kind}`, ...more } };
}

/** An Application at a resourceVersion, with a health that distinguishes it. */
export function application(name: string, resourceVersion: number, health = 'Healthy'): ApplicationObject {
  const object = synced(name);
  object.metadata['uid'] = `uid-of-${name}`;
  object.metadata['resourceVersion'] = String(resourceVersion);
  Object.assign(object.status['health'] as object, { status: health });
  return object;
}
