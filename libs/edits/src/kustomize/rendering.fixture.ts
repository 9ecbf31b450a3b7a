import type { EditSource, ImageOverride } from '@k8sta/contracts';
import type { Rendering } from '../renderer.js';
import { type treeOf, treesOf } from '../tree.fixture.js';
import { kustomizeRenderer } from './renderer.js';

export type Files = Parameters<typeof treeOf>[0];

export const shop = 'ghcr.io/acme/shop';

/** What a build of `prod` makes of the files. */
export async function render(files: Files, source: Partial<EditSource> = {}): Promise<Rendering> {
  const who = { namespace: 'argocd', name: 'shop' };
  return kustomizeRenderer.render(treesOf(files), { type: 'Kustomize', path: 'prod', ...source }, who);
}

/** Each use as `image <- place, place+spelling`, or with what decides it. */
export async function uses(files: Files, overrides: ImageOverride[] = []): Promise<string[]> {
  return (await render(files, { overrides })).uses.map(({ image: reference, ways, decidedBy }) => {
    const places = ways.map(({ file, target, spelling }) => {
      const how = target.kind === 'kustomize' ? (target.name ? `[${target.name}]` : '') : `(${target.kind})`;
      return `${file}${how}${spelling ? `+${spelling}` : ''}`;
    });
    return `${reference} <- ${decidedBy ? `${decidedBy.reason}: ${decidedBy.message}` : places.join(', ')}`;
  });
}

export function deployment(reference: string, more = ''): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
spec:
  template:
    spec:
      containers:
      - name: shop
        image: ${reference}
${more}`;
}

export function entry(name: string, tag: string, newName?: string): string {
  return `images:\n- name: ${name}\n${newName ? `  newName: ${newName}\n` : ''}  newTag: "${tag}"\n`;
}

/** The kustomization of `prod`. */
export const overlay = 'resources: [../base]\n';
/** The files of `base`, with a Deployment that has this image. */
export const base = (reference: string, more = '') => ({
  'base/kustomization.yaml': `resources: [deployment.yaml]\n${more}`,
  'base/deployment.yaml': deployment(reference),
});
