import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { parseLabelSelector } from './selector.js';
import type { Stored } from './store.js';

type Verb = 'list' | 'watch' | 'get' | 'create' | 'patch' | 'delete' | 'other';

/** A request to the API server, in Kubernetes' terms. */
export interface ApiRequest {
  verb: Verb;
  /** The plural: `applications`, `appprojects`. */
  resource: string;
  namespace?: string;
  name?: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
}

const path = /^\/apis\/argoproj\.io\/v1alpha1(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?$/;

/** `undefined` if the server does not serve the path. */
export function parseRequest({ method, url, headers }: IncomingMessage): ApiRequest | undefined {
  const { pathname, searchParams: query } = new URL(url ?? '/', 'http://api');
  const [, namespace, resource, name] = path.exec(pathname) ?? [];
  if (!resource) return undefined;
  return {
    verb: verbOf(method, name, query),
    resource,
    ...(namespace && { namespace: decodeURIComponent(namespace) }),
    ...(name && { name: decodeURIComponent(name) }),
    query,
    headers,
  };
}

function verbOf(method: string | undefined, name: string | undefined, query: URLSearchParams): Verb {
  if (method === 'GET' && !name) return isTrue(query.get('watch')) ? 'watch' : 'list';
  if (method === 'GET') return 'get';
  if (method === 'POST' && !name) return 'create';
  if (method === 'PATCH' && name) return 'patch';
  if (method === 'DELETE' && name) return 'delete';
  return 'other';
}

export function isTrue(text: string | null): boolean {
  return text === '1' || text === 'true';
}

/** A whole number from the query: `undefined` if it is absent, NaN if it is invalid. */
export function numberFrom(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

/** The filter of a list or a watch, or what is wrong with it. */
export function matcherFrom({ namespace, query }: ApiRequest): ((stored: Stored) => boolean) | { fault: string } {
  const labels = query.get('labelSelector') ?? '';
  const hasLabels = parseLabelSelector(labels);
  if (!hasLabels) return { fault: `unable to parse requirement: ${labels}` };
  const fields = (query.get('fieldSelector') ?? '').split(',').filter(Boolean);
  const wanted = new Map(fields.map((field) => field.split(/==?/) as [string, string]));
  // A custom resource without selectableFields supports only these two.
  const unknown = [...wanted.keys()].find((field) => field !== 'metadata.name' && field !== 'metadata.namespace');
  if (unknown) return { fault: `field label not supported: ${unknown}` };
  const name = wanted.get('metadata.name');
  const within = namespace ?? wanted.get('metadata.namespace');
  return (stored) =>
    (within === undefined || stored.namespace === within) &&
    (name === undefined || stored.name === name) &&
    hasLabels(stored.labels);
}
