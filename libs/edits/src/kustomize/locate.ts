import { join, lookUp, type Tree } from '../tree.js';

/** The names kustomize looks for, in its order. https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/ */
const fileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** The kustomization of a directory. */
export type Found =
  | { readonly is: 'found'; readonly file: string; readonly text: string }
  | { readonly is: 'noDirectory'; readonly why: string }
  | { readonly is: 'noKustomization'; readonly why: string }
  | { readonly is: 'invalid'; readonly why: string }
  /** The directory is a link or is behind one; `leadsTo` is the path behind it, if that is in this repository. */
  | { readonly is: 'link'; readonly why: string; readonly leadsTo: string | undefined };

/** Finds a directory's kustomization. `directory` is a clean path. */
export async function findKustomization(tree: Tree, directory: string): Promise<Found> {
  const at = await lookUp(tree, directory);
  const shown = directory === '' ? 'the root of the repository' : `"${directory}"`;
  if (at === undefined) return { is: 'noDirectory', why: `there is no directory ${shown}` };
  if (at.is === 'link') {
    return { is: 'link', why: `${shown} is a symbolic link or a submodule, or is behind one`, leadsTo: at.leadsTo };
  }
  if (at.is !== 'directory') return { is: 'noDirectory', why: `${shown} is not a directory` };
  for (const name of fileNames) {
    const file = join(directory, name);
    const entry = await tree.entry(file);
    switch (entry?.is) {
      case 'file':
        return { is: 'found', file, text: entry.text };
      case 'link':
        return { is: 'invalid', why: `"${file}" is a symbolic link` };
      case 'opaque':
        return { is: 'invalid', why: `"${file}" ${entry.why}` };
      default:
    }
  }
  return { is: 'noKustomization', why: `there is no kustomization in ${shown}` };
}

/** kustomize looks on the disk first. A resource with a scheme, or an scp address, is never there. */
export function isRemote(resource: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(resource) || /^[^/]+@[^/]+:/.test(resource) || resource.includes('\n');
}
