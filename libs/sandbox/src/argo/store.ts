import { randomUUID } from 'node:crypto';
import { type Clock, timestamp } from './clock.js';
import type { Labels } from './selector.js';

/** The fields of every Kubernetes object. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace: string;
    labels?: Record<string, string>;
    finalizers?: string[];
    [key: string]: unknown;
  };
  [key: string]: unknown;
}

/** One immutable state of an object: lists, snapshots and watches share its text. */
export interface Stored {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly resourceVersion: number;
  readonly json: string;
}

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly stored: Stored;
  /** Before a MODIFIED. */
  readonly previous?: Stored;
}

/** The one counter that orders all writes of all kinds, as etcd's revision does. */
export class ResourceVersions {
  // Starts high, as in an old cluster, so that no code mistakes it for its own sequence.
  last = 1000;

  next(): number {
    return ++this.last;
  }
}

/** The objects of one kind and their latest changes. Everything is synchronous, so a change is atomic. */
export class ObjectStore {
  readonly versions: ResourceVersions;
  readonly #clock: Clock;
  readonly #historySize: number;
  readonly #objects = new Map<string, Stored>();
  readonly #listeners = new Set<(change: Change) => void>();
  #sorted: readonly Stored[] | undefined;
  #history: Change[] = [];
  #forgotten: number;

  constructor(options: { versions: ResourceVersions; clock: Clock; historySize: number }) {
    this.versions = options.versions;
    this.#clock = options.clock;
    this.#historySize = options.historySize;
    this.#forgotten = this.versions.last;
  }

  get(key: string): Stored | undefined {
    return this.#objects.get(key);
  }

  /** Sorted as in a list: by namespace and name. */
  all(): readonly Stored[] {
    this.#sorted ??= [...this.#objects.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    return this.#sorted;
  }

  create(object: KubernetesObject): Stored {
    const { namespace, name } = object.metadata;
    const key = `${namespace}/${name}`;
    if (this.#objects.has(key)) throw new Error(`${object.kind} ${key} exists already`);
    const metadata = {
      ...object.metadata,
      uid: randomUUID(),
      generation: 1,
      creationTimestamp: timestamp(this.#clock.now()),
    };
    return this.#put('ADDED', { ...object, metadata });
  }

  /**
   * `change` gets a copy that it may modify. As in Kubernetes, a change without effect writes nothing, and a change that
   * removes the last finalizer from an object in deletion deletes the object.
   */
  update(key: string, change: (object: KubernetesObject) => KubernetesObject): Stored | undefined {
    const before = this.#objects.get(key);
    if (!before) return undefined;
    const old = JSON.parse(before.json) as KubernetesObject;
    const changed = change(JSON.parse(before.json) as KubernetesObject);
    for (const fixed of ['name', 'namespace', 'uid', 'creationTimestamp', 'resourceVersion', 'generation']) {
      changed.metadata[fixed] = old.metadata[fixed];
    }
    if (JSON.stringify(changed) === JSON.stringify(old)) return before;
    // The CRD has no status subresource, so a write to the status counts too.
    if (contents(changed) !== contents(old)) changed.metadata['generation'] = Number(old.metadata['generation']) + 1;
    const hadFinalizers = hasFinalizers(old);
    if (changed.metadata['deletionTimestamp'] && hadFinalizers && !hasFinalizers(changed)) return this.#remove(changed);
    return this.#put('MODIFIED', changed, before);
  }

  /** Deletes at once. An object with finalizers gets a deletionTimestamp and is deleted when they are removed. */
  delete(key: string): Stored | undefined {
    const before = this.#objects.get(key);
    if (!before) return undefined;
    const object = JSON.parse(before.json) as KubernetesObject;
    if (!hasFinalizers(object)) return this.#remove(object);
    return this.update(
      key,
      ({ metadata, ...rest }) =>
        ({
          ...rest,
          metadata: { deletionTimestamp: timestamp(this.#clock.now()), ...metadata },
        }) as KubernetesObject,
    );
  }

  /** The changes after a resourceVersion, or `expired` if some of them are no longer known. */
  since(resourceVersion: number): readonly Change[] | 'expired' {
    if (resourceVersion < this.#forgotten) return 'expired';
    return this.#history.filter(({ stored }) => stored.resourceVersion > resourceVersion);
  }

  /** Changes up to and including this resourceVersion are no longer known. */
  get forgotten(): number {
    return this.#forgotten;
  }

  forgetHistory(): void {
    this.#history = [];
    // A new one, so that every resourceVersion issued so far is expired.
    this.#forgotten = this.versions.next();
  }

  /** Trap: a listener must defer its writes, or later listeners see the changes in the wrong order. */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #put(type: 'ADDED' | 'MODIFIED', object: KubernetesObject, previous?: Stored): Stored {
    const stored = seal(object, this.versions.next());
    this.#objects.set(stored.key, stored);
    this.#sorted = undefined;
    this.#record({ type, stored, ...(previous && { previous }) });
    return stored;
  }

  #remove(object: KubernetesObject): Stored {
    const stored = seal(object, this.versions.next());
    this.#objects.delete(stored.key);
    this.#sorted = undefined;
    this.#record({ type: 'DELETED', stored });
    return stored;
  }

  #record(change: Change): void {
    this.#history.push(change);
    // Dropped in blocks, because shifting a large array by one is slow.
    if (this.#history.length > 2 * this.#historySize) {
      const dropped = this.#history.splice(0, this.#history.length - this.#historySize);
      this.#forgotten = dropped.at(-1)?.stored.resourceVersion ?? this.#forgotten;
    }
    for (const listener of [...this.#listeners]) listener(change);
  }
}

function hasFinalizers({ metadata }: KubernetesObject): boolean {
  return Array.isArray(metadata['finalizers']) && metadata['finalizers'].length > 0;
}

function contents({ metadata: _, ...rest }: KubernetesObject): string {
  return JSON.stringify(rest);
}

function seal(object: KubernetesObject, resourceVersion: number): Stored {
  const { namespace, name, labels = {} } = object.metadata;
  const json = JSON.stringify({
    ...object,
    metadata: { ...object.metadata, resourceVersion: String(resourceVersion) },
  });
  return { key: `${namespace}/${name}`, namespace, name, labels, resourceVersion, json };
}
