import { sanitizeLine } from '@k8sta/text';
import { refOf } from './home.js';
import type { Source } from './observed.js';

/** Why none of an Application's sources can be committed to. */
export function whyNoSource(sources: readonly Source[]): string {
  const missing = sources.flatMap(({ valueFiles = [] }) => valueFiles).findLast((file) => refOf(file) !== undefined);
  if (missing !== undefined) {
    return `no source has the ref "$${sanitizeLine(refOf(missing) ?? '', 100)}" that its value files name`;
  }
  const chart = sources.find((source) => source.chart !== undefined)?.chart;
  if (chart === undefined) return 'it has no source with a path in a Git repository, which is where K8sTA commits';
  const named = sanitizeLine(chart, 100);
  return `its chart "${named}" is in a registry and no value file of it in a Git repository, which is where K8sTA commits`;
}
