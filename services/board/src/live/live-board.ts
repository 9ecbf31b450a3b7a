import { type Change, type Facts, isMember, type TrackModel, trackModel } from '@k8sta/board';
import type { Ticket } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';

/** The state of the whole board beside its Tracks. */
interface Meta {
  /** The stream sequence of the last word of an operator; 0 without one. */
  readonly lastWord: number;
  readonly disconnectedSince?: string | undefined;
}

/** What changed after a version, as JSON texts, so that all viewers share them. */
export interface Delta {
  readonly version: number;
  readonly tracks: readonly string[];
  readonly meta: string | undefined;
}

interface Versioned {
  readonly version: number;
  readonly json: string;
}

/**
 * Every Track as the page shows it, with the version of its last visible change. What a viewer lacks is what has a higher
 * version than the viewer, so that a slow or returning viewer costs no memory here.
 */
export class LiveBoard {
  readonly #tracks: readonly Track[];
  readonly #facts: () => Facts;
  readonly #tickets = new Map<string, Map<string, Ticket>>();
  readonly #shown = new Map<string, Versioned & { readonly model: TrackModel }>();
  readonly #dirty = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #version = 0;
  #meta: Versioned = { version: 0, json: '' };

  constructor(tracks: readonly Track[], facts: () => Facts) {
    this.#tracks = tracks;
    this.#facts = facts;
    for (const { name } of tracks) this.#dirty.add(name);
  }

  get version(): number {
    return this.#version;
  }

  /** Notes what has changed. The next {@link refresh} looks at those Tracks only. */
  take(change: Change): void {
    if (change.of === 'ticket') {
      const { track, id, ticket } = change;
      const tickets = this.#tickets.get(track) ?? new Map<string, Ticket>();
      if (ticket) tickets.set(id, ticket);
      else tickets.delete(id);
      this.#tickets.set(track, tickets);
    }
    if (change.of === 'application') this.#takeApplication(change.key);
    else if (change.of !== 'connection') this.#dirty.add(change.track);
  }

  /** A Station may have stopped selecting the Application, so those that show it now count too. */
  #takeApplication(key: string): void {
    const observed = this.#facts().applications.get(key);
    for (const track of this.#tracks) {
      const isOn = track.stations.some((station) => isMember(station, key, observed));
      if (isOn || this.#shows(track, key)) this.#dirty.add(track.name);
    }
  }

  #shows({ name, stations }: Track, key: string): boolean {
    if (!stations.some(({ matchLabels }) => matchLabels)) return false;
    const shown = this.#shown.get(name)?.model.stations ?? [];
    return shown.some((station) => station.applications.some((each) => `${each.namespace}/${each.name}` === key));
  }

  /** Looks at what was noted. Calls the listeners if anything visible has changed. */
  refresh(): void {
    const before = this.#version;
    const facts = this.#facts();
    for (const track of this.#tracks) if (this.#dirty.has(track.name)) this.#refreshTrack(facts, track);
    this.#dirty.clear();
    const { words = [], disconnectedSince } = facts;
    const meta: Meta = { lastWord: words.at(-1)?.sequence ?? 0, disconnectedSince: disconnectedSince?.toISOString() };
    const json = JSON.stringify(meta);
    if (json !== this.#meta.json) this.#meta = { version: ++this.#version, json };
    if (this.#version !== before) for (const listener of this.#listeners) listener();
  }

  #refreshTrack(facts: Facts, track: Track): void {
    const model = trackModel(facts, track, this.ticketsOf(track.name));
    const json = JSON.stringify(model);
    // Most observations of an Application change nothing that the page shows.
    if (json === this.#shown.get(track.name)?.json) return;
    this.#shown.set(track.name, { version: ++this.#version, json, model });
  }

  /** What a viewer lacks who has this version; 0 for everything. */
  since(version: number): Delta {
    const newer = [...this.#shown.values()].filter((each) => each.version > version);
    const meta = this.#meta.version > version ? this.#meta.json : undefined;
    return { version: this.#version, tracks: newer.map(({ json }) => json), meta };
  }

  track(name: string): TrackModel | undefined {
    return this.#shown.get(name)?.model;
  }

  ticketsOf(track: string): readonly Ticket[] {
    return [...(this.#tickets.get(track)?.values() ?? [])];
  }

  ticket(track: string, id: string): Ticket | undefined {
    return this.#tickets.get(track)?.get(id);
  }

  /** Calls the listener after each visible change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
