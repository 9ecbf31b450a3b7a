import type { ServerResponse } from 'node:http';
import { type Status, status } from './status.js';
import type { Change, ObjectStore, Stored } from './store.js';

export interface WatchQuery {
  kind: string;
  matches: (stored: Stored) => boolean;
  /** `undefined` or 0: begin with every existing object, as ADDED. */
  resourceVersion: number | undefined;
  bookmarks: boolean;
  timeoutSeconds: number | undefined;
}

/** The open watch connections of the API server, and what a test can do to them. */
export class Watches {
  readonly #open = new Set<Watch>();
  readonly #bookmarkMs: number;
  #silent = false;
  #closeAtOnce = false;

  constructor(bookmarkMs: number) {
    this.#bookmarkMs = bookmarkMs;
  }

  get count(): number {
    return this.#open.size;
  }

  serve(store: ObjectStore, query: WatchQuery, response: ServerResponse): void {
    const watch = new Watch(store, query, response, this.#bookmarkMs);
    this.#open.add(watch);
    response.once('close', () => this.#open.delete(watch));
    watch.silent = this.#silent;
    watch.begin();
    if (this.#closeAtOnce) watch.end();
  }

  /** Ends all open connections, properly or like a broken network. */
  close(how: 'end' | 'destroy'): void {
    for (const watch of [...this.#open]) how === 'end' ? watch.end() : watch.destroy();
  }

  closeAtOnce(on: boolean): void {
    this.#closeAtOnce = on;
  }

  /** Sends nothing more on open and new connections, but keeps them open. A silenced connection stays silent. */
  silence(on: boolean): void {
    this.#silent = on;
    if (on) for (const watch of this.#open) watch.silent = true;
  }
}

class Watch {
  silent = false;
  readonly #store: ObjectStore;
  readonly #query: WatchQuery;
  readonly #response: ServerResponse;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #bookmarkMs: number;
  /** The resourceVersion at the start. */
  #startVersion = 0;
  #unsubscribe = () => {};

  constructor(store: ObjectStore, query: WatchQuery, response: ServerResponse, bookmarkMs: number) {
    this.#store = store;
    this.#query = query;
    this.#response = response;
    this.#bookmarkMs = bookmarkMs;
    response.once('close', () => this.#release());
  }

  begin(): void {
    const { resourceVersion, timeoutSeconds, bookmarks } = this.#query;
    this.#response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' });
    this.#response.flushHeaders();
    const missed = resourceVersion ? this.#store.since(resourceVersion) : this.#everything();
    if (missed === 'expired') {
      this.#expired(resourceVersion ?? 0);
      return;
    }
    for (const change of missed) this.#send(change);
    this.#startVersion = this.#store.versions.last;
    this.#unsubscribe = this.#store.onChange((change) => this.#send(change));
    if (bookmarks) this.#timers.push(setInterval(() => this.#bookmark(), this.#bookmarkMs));
    if (timeoutSeconds) this.#timers.push(setTimeout(() => this.#timeOut(), timeoutSeconds * 1000));
  }

  end(): void {
    this.#release();
    this.#response.end();
  }

  destroy(): void {
    this.#response.destroy();
  }

  #release(): void {
    this.#unsubscribe();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #everything(): Change[] {
    return this.#store.all().map((stored) => ({ type: 'ADDED', stored }));
  }

  /** This watcher gets ADDED for an object that starts to match its selector, and DELETED for one that stops. */
  #send({ type, stored, previous }: Change): void {
    const matches = this.#query.matches(stored);
    const matched = previous ? this.#query.matches(previous) : type === 'DELETED' && matches;
    if (!matches && !matched) return;
    const seen = type === 'MODIFIED' ? (!matched ? 'ADDED' : !matches ? 'DELETED' : 'MODIFIED') : type;
    this.#write(`{"type":"${seen}","object":${stored.json}}\n`);
  }

  /** Like the real server, sends no bookmark until something has changed since the watch started. */
  #bookmark(): void {
    const { kind } = this.#query;
    const { last } = this.#store.versions;
    if (last === this.#startVersion) return;
    const metadata = { resourceVersion: String(last) };
    const object = { apiVersion: 'argoproj.io/v1alpha1', kind, metadata };
    this.#write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
  }

  #timeOut(): void {
    if (this.silent) return;
    if (this.#query.bookmarks) this.#bookmark();
    this.end();
  }

  #expired(asked: number): void {
    const object: Status = status.watchExpired(asked, this.#store.forgotten);
    this.#write(`${JSON.stringify({ type: 'ERROR', object })}\n`);
    this.end();
  }

  #write(line: string): void {
    if (!this.silent) this.#response.write(line);
  }
}
