import type { EditSource } from '@k8sta/contracts';
import { directory } from './directory/renderer.js';
import { helm } from './helm/renderer.js';
import { kustomizeRenderer } from './kustomize/renderer.js';
import type { Renderer } from './renderer.js';
import type { Trees } from './tree.js';

/** One line for each tool by which Argo CD makes manifests; the first one that matches is used. */
const renderers: readonly Renderer[] = [kustomizeRenderer, helm, directory];

/** What renders a source; undefined if K8sTA does not know its tool. */
export async function rendererFor(trees: Trees, source: EditSource): Promise<Renderer | undefined> {
  for (const renderer of renderers) if (await renderer.matches(trees, source)) return renderer;
  return undefined;
}
