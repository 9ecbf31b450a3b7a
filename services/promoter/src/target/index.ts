import type { ImageTarget } from '@k8sta/contracts';
import { kustomize } from './kustomize/index.js';
import type { Application, EditTarget } from './target.js';

/** One line for each way in which files name images. If two match a source, the first one is used. */
const targets: { readonly [Kind in ImageTarget['kind']]: EditTarget<Extract<ImageTarget, { kind: Kind }>> } = {
  kustomize,
};

export const allTargets: readonly EditTarget[] = Object.values(targets);

/** The target that reads and edits a place. */
export function targetAt({ kind }: ImageTarget): EditTarget {
  return targets[kind];
}

/** The target that edits an Application's source; undefined if none does. */
export function targetFor({ target, sourceType }: Application): EditTarget | undefined {
  return target ? targetAt(target) : allTargets.find((each) => each.matches(sourceType));
}
