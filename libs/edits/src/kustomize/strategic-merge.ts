import { type Data, isContainerList, isData, stringAt } from './manifest.js';

/** The kinds with lists of containers that kustomize knows: a patch finds a container by its name. In another kind, a list of the patch takes the place of the list. */
const known = new Set([
  ...['v1/Pod', 'v1/PodTemplate', 'v1/ReplicationController'],
  ...['apps/v1/DaemonSet', 'apps/v1/Deployment', 'apps/v1/ReplicaSet', 'apps/v1/StatefulSet'],
  ...['batch/v1/CronJob', 'batch/v1/Job', 'batch/v1beta1/CronJob'],
]);

/** A strategic merge patch. `hasSchema`: the kustomization says itself what kinds look like. Undefined: it deletes it. */
export function mergePatch(target: Data, patch: Data, hasSchema: boolean): Data | undefined {
  const isNamed = hasSchema || known.has(`${stringAt(target, 'apiVersion')}/${stringAt(target, 'kind')}`);
  const merged = mergeMap(target, patch, isNamed);
  if (!isData(merged)) return undefined;
  // What a patch is called says only what it is for.
  const metadata = isData(merged.metadata) ? merged.metadata : {};
  if (isData(target.metadata)) metadata.name = target.metadata.name;
  return { ...merged, apiVersion: target.apiVersion, kind: target.kind, ...(target.metadata ? { metadata } : {}) };
}

function merge(target: unknown, patch: unknown, isNamed: boolean, key: string): unknown {
  if (isData(patch)) return mergeMap(isData(target) ? target : {}, patch, isNamed);
  if (Array.isArray(patch))
    return mergeList(Array.isArray(target) ? target : [], patch, isNamed && isContainerList(key));
  return patch ?? undefined;
}

function mergeMap(target: Data, patch: Data, isNamed: boolean): unknown {
  if (patch.$patch === 'delete') return undefined;
  const result: Data = Object.assign(Object.create(null), patch.$patch === 'replace' ? {} : target);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue;
    const merged = merge(result[key], value, isNamed, key);
    if (merged === undefined) delete result[key];
    else result[key] = merged;
  }
  return result;
}

/** New items come first. */
function mergeList(target: readonly unknown[], patch: readonly unknown[], isNamed: boolean): unknown[] {
  // In a list that is replaced as a whole, kustomize leaves even its own directives.
  if (!isNamed) return [...patch];
  const isReplaced = (each: unknown) => isData(each) && each.$patch === 'replace' && each.name === undefined;
  if (patch.some(isReplaced)) return patch.filter((each) => !isReplaced(each));
  const find = (list: readonly unknown[], name: string | undefined) =>
    list.find((each) => name !== undefined && stringAt(each, 'name') === name);
  const ofPatch = patch.map((each) => merge(find(target, stringAt(each, 'name')), each, isNamed, ''));
  const others = target.filter((each) => find(patch, stringAt(each, 'name')) === undefined);
  return [...ofPatch.filter((each) => each !== undefined), ...others];
}
