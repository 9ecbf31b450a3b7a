import { createRequire } from 'node:module';
import * as client from '@kubernetes/client-node';
import { z } from 'zod';
import type { Manifest } from './kustomize.js';

const require = createRequire(import.meta.url);

const modelSchema = z.custom<new (object: unknown) => { validate(): void }>((value) => typeof value === 'function');
const attributes = z.array(z.object({ baseName: z.string(), type: z.string() }));

/** What Kubernetes would say against the object: types and required fields, and fields that it does not know. */
export function faultsOf(object: Manifest): string[] {
  // Argo CD's own, which only its own schema knows.
  if (object.apiVersion.startsWith('argoproj.io/')) return [];
  const version = object.apiVersion.split('/').at(-1) ?? '';
  const type = `${version[0]?.toUpperCase()}${version.slice(1)}${object.kind}`;
  return [...wrongFields(object), ...unknownFields(type, object, object.kind)];
}

function wrongFields(object: Manifest): string[] {
  const models = require(`kubernetes-models/${object.apiVersion}`);
  try {
    new (modelSchema.parse(models[object.kind]))(object).validate();
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** Walks the object along client-node's map of attributes. */
function unknownFields(type: string, value: unknown, path: string): string[] {
  const [, item] = /^Array<(.+)>$/.exec(type) ?? [];
  if (item !== undefined)
    return z
      .array(z.unknown())
      .parse(value)
      .flatMap((each, at) => unknownFields(item, each, `${path}[${at}]`));
  const [, entry] = /^\{ \[key: string\]: (.+); \}$/.exec(type) ?? [];
  if (entry !== undefined) {
    return Object.entries(value as object).flatMap(([key, each]) => unknownFields(entry, each, `${path}.${key}`));
  }
  const model = (client as Record<string, unknown>)[type] as { getAttributeTypeMap?: () => unknown } | undefined;
  if (!model?.getAttributeTypeMap) return [];
  const known = new Map(attributes.parse(model.getAttributeTypeMap()).map((each) => [each.baseName, each.type]));
  return Object.entries(value as object).flatMap(([key, each]) => {
    const attribute = known.get(key);
    return attribute === undefined ? [`${path}.${key} is unknown`] : unknownFields(attribute, each, `${path}.${key}`);
  });
}
