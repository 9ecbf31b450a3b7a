import type { Managed } from './managed.js';
import { kustomizeFailure, missingResource, RenderError, type Rendered } from './render.js';

/** The scenario `comparisonError`: throws as if the first new rendering of the path missed a file. */
export function failToRender(managed: Managed, rendered: Rendered, path: string): void {
  const { unrenderable } = managed.behaviour;
  if (!unrenderable || managed.running?.digest === rendered.digest) return;
  const now = managed.clock.now();
  managed.unrenderable ??= { digest: rendered.digest, sinceMs: now, isCached: false };
  const { digest, sinceMs, isCached } = managed.unrenderable;
  const isMended = digest !== rendered.digest || now - sinceMs >= (unrenderable.forMs ?? Number.POSITIVE_INFINITY);
  if (isMended) return;
  managed.unrenderable.isCached = true;
  const error = new RenderError(kustomizeFailure(path, missingResource(path, 'missing.yaml')));
  throw isCached ? error.cached() : error;
}
