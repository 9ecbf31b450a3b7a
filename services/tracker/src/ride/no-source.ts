import { sanitizeLine } from '@k8sta/text';
import type { Observation } from '../observation.js';

type Source = Observation['observed']['sources'][number];

/** Why none of an Application's sources can be committed to. */
export function whyNoSource(sources: readonly Source[]): string {
  const values = sources.findIndex(({ ref }) => ref !== undefined);
  const file = sources.flatMap(({ valueFiles = [] }) => valueFiles).findLast((each) => isIn(each, sources[values]));
  if (file === undefined) return 'it has no source with a path in a Git repository, which is where K8sTA commits';
  const path = sanitizeLine(file.replace(/^\$[^/]*\//, ''), 200);
  return `its image is in Helm values (source ${values + 1}, ${path}), which K8sTA does not edit yet`;
}

/** `$values/shop/prod.yaml` is a file of the source with `ref: values` (docs/user-guide/multiple_sources.md of argo-cd). */
function isIn(file: string, source: Source | undefined): boolean {
  return source?.ref !== undefined && file.startsWith(`$${source.ref}/`);
}
