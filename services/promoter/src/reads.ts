import { isScalar, isSeq } from 'yaml';
import { FileInvalid, parseYaml } from './images.js';
import { cleanPath, join, lookUp, type Tree } from './tree.js';

/** The names kustomize looks for, in its order. https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/ */
const fileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** The fields that may name a directory with another kustomization in it. */
const readingFields = ['resources', 'bases', 'components', 'generators', 'transformers', 'validators'];

/** A build that reads more directories than this is one we do not follow to its end. */
const maxDirectories = 1_000;

/** The kustomization of a directory. */
export type Found =
  | { readonly is: 'found'; readonly file: string; readonly text: string }
  | { readonly is: 'noDirectory'; readonly why: string }
  | { readonly is: 'noKustomization'; readonly why: string }
  | { readonly is: 'invalid'; readonly why: string }
  /** The directory is, or lies behind, a link; `leadsTo` is where in this repository, if it is in it. */
  | { readonly is: 'link'; readonly why: string; readonly leadsTo: string | undefined };

/** Finds a directory's kustomization. `directory` is a clean path. */
export async function findKustomization(tree: Tree, directory: string): Promise<Found> {
  const at = await lookUp(tree, directory);
  const shown = directory === '' ? 'the root of the repository' : `"${directory}"`;
  if (at === undefined) return { is: 'noDirectory', why: `there is no directory ${shown}` };
  if (at.is === 'link') {
    return { is: 'link', why: `${shown} is, or lies behind, a symbolic link or a submodule`, leadsTo: at.leadsTo };
  }
  if (at.is !== 'directory') return { is: 'noDirectory', why: `${shown} is no directory` };
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

/**
 * Every file of the repository that a build of this directory reads a kustomization from: its own, and those of the
 * directories it names, all the way. Remote resources are somebody else's. Throws {@link FileInvalid} when that cannot
 * be told.
 */
export async function kustomizationsReadBy(tree: Tree, path: string): Promise<Set<string>> {
  const files = new Set<string>();
  const start = cleanPath(path);
  if (start === undefined) throw new FileInvalid(`the path "${path}" leaves the repository`);
  const seen = new Set<string>([start]);
  const open = [start];
  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    if (seen.size > maxDirectories) throw new FileInvalid(`"${start}" reads more than ${maxDirectories} directories`);
    const found = await findKustomization(tree, directory);
    if (found.is === 'invalid') throw new FileInvalid(found.why);
    // A plain file, a directory of plain manifests, or nothing: there is no kustomization of ours in it.
    if (found.is === 'noDirectory' || found.is === 'noKustomization') continue;
    if (found.is === 'found') files.add(found.file);
    // A link is not followed to be edited, but a build follows it.
    const named =
      found.is === 'link' ? [found.leadsTo] : namedBy(found.file, found.text).map((each) => cleanPath(each, directory));
    for (const next of named) {
      if (next === undefined || seen.has(next)) continue;
      seen.add(next);
      open.push(next);
    }
  }
  return files;
}

function namedBy(file: string, text: string): string[] {
  try {
    const { document } = parseYaml(text);
    return readingFields.flatMap((field) => {
      const list = document.hasIn([field]) ? document.getIn([field], true) : undefined;
      if (!isSeq(list)) return [];
      return list.items.flatMap((item) => {
        const node = isScalar(item) ? item.value : undefined;
        return typeof node === 'string' && !isRemote(node) ? [node] : [];
      });
    });
  } catch (error) {
    if (error instanceof FileInvalid) throw new FileInvalid(`"${file}" ${error.message}`);
    throw error;
  }
}

/** kustomize's own order is to look on the disk first; what has a scheme, or is an scp address, is never there. */
function isRemote(resource: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(resource) || /^[^/]+@[^/]+:/.test(resource) || resource.includes('\n');
}
