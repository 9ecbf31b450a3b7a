import { type Answer, failure, noSuchPath } from './api-answer.js';
import type { ApiRequest } from './api-request.js';
import { mergePatch } from './merge-patch.js';
import { status } from './status.js';
import type { KubernetesObject, ObjectStore } from './store.js';

export function get(request: ApiRequest, store: ObjectStore): Answer {
  const stored = store.get(keyOf(request));
  return stored ? { code: 200, json: stored.json } : failure(status.notFound(request));
}

export function create(request: ApiRequest, store: ObjectStore, body: string): Answer {
  const object = parseObject(body) as KubernetesObject | undefined;
  // Objects are created in a namespace; the path without one does not accept POST.
  if (!request.namespace) return noSuchPath;
  if (!object?.metadata?.name) return failure(status.badRequest('name must be provided'));
  const { namespace } = request;
  const named = { ...request, name: object.metadata.name };
  if (store.get(keyOf(named))) return failure(status.alreadyExists(named));
  const { json } = store.create({ ...object, metadata: { ...object.metadata, namespace } });
  return { code: 201, json };
}

export function patch(request: ApiRequest, store: ObjectStore, body: string): Answer {
  const type = request.headers['content-type']?.split(';')[0] ?? '';
  if (type !== 'application/merge-patch+json') return failure(status.unsupportedMediaType());
  const change = parseObject(body);
  if (!change) return failure(status.badRequest('error decoding patch: json: cannot unmarshal it into a Go map'));
  const before = store.get(keyOf(request));
  if (!before) return failure(status.notFound(request));
  const { name, uid }: { name?: unknown; uid?: unknown } = change.metadata ?? {};
  if (name !== undefined && name !== request.name) return failure(status.otherName(request, name));
  if (uid !== undefined && uid !== (JSON.parse(before.json) as KubernetesObject).metadata['uid']) {
    return failure(status.immutable(request, 'metadata.uid', uid));
  }
  const demanded = change.metadata?.['resourceVersion'];
  if (demanded !== undefined && demanded !== String(before.resourceVersion)) return failure(status.conflict(request));
  const after = store.update(before.key, (object) => mergePatch(object, change) as KubernetesObject);
  return { code: 200, json: after?.json ?? before.json };
}

export function remove(request: ApiRequest, store: ObjectStore): Answer {
  const stored = store.delete(keyOf(request));
  if (!stored) return failure(status.notFound(request));
  const { metadata } = JSON.parse(stored.json) as KubernetesObject;
  return { code: 200, json: JSON.stringify(status.deleted(stored.name, request.resource, metadata['uid'])) };
}

function keyOf({ namespace = '', name = '' }: ApiRequest): string {
  return `${namespace}/${name}`;
}

function parseObject(body: string): Partial<KubernetesObject> | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
