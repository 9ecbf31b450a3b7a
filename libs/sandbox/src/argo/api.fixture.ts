import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { Api } from './api.js';
import { applicationFrom } from './application-spec.js';

const root = '/apis/argoproj.io/v1alpha1';
export const mergePatch = 'application/merge-patch+json';

export interface Item {
  metadata: { name: string; resourceVersion: string; generation: number; uid: string; labels?: object };
  [key: string]: unknown;
}

export interface List {
  kind: string;
  items: Item[];
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
}

export interface WatchEvent {
  type: string;
  object: Item & { code?: number; reason?: string; message?: string };
}

type Init = RequestInit & { headers?: Record<string, string> };

/** A request below the API group, with the token unless `init` has its own Authorization header. */
export function request(api: Api, path: string, init: Init = {}): Promise<Response> {
  const headers = { Authorization: `Bearer ${api.token}`, ...init.headers };
  return fetch(`${api.url}${root}/${path}`, { ...init, headers });
}

export async function get<T = List>(api: Api, path: string): Promise<T> {
  return (await request(api, path)).json() as Promise<T>;
}

/** The names in a list. */
export async function names(api: Api, path: string): Promise<string[]> {
  return (await get(api, path)).items.map(({ metadata }) => metadata.name);
}

export async function* watch(api: Api, query = ''): AsyncGenerator<WatchEvent> {
  const response = await request(api, `applications?watch=1&${query}`);
  assert.equal(response.status, 200);
  assert.ok(response.body);
  const lines = createInterface({ input: Readable.fromWeb(response.body as never) });
  for await (const line of lines) yield JSON.parse(line);
}

/** The next `count` events of a watch, or fewer if it ends earlier. */
export async function take(events: AsyncGenerator<WatchEvent>, count: number): Promise<WatchEvent[]> {
  const taken: WatchEvent[] = [];
  while (taken.length < count) {
    const { value, done } = await events.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

export function create(api: Api, name: string, labels: Record<string, string> = {}, namespace = 'argocd') {
  const source = { repoURL: 'https://git.example.com/r', targetRevision: 'main', path: name };
  return api.applications.create(applicationFrom({ name, labels, namespace, ...source }, namespace));
}

export function relabel(api: Api, name: string, labels: Record<string, string>): void {
  api.applications.update(
    `argocd/${name}`,
    ({ metadata, ...rest }) => ({ ...rest, metadata: { ...metadata, labels } }) as never,
  );
}
