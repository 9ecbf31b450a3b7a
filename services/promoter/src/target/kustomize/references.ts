import { isScalar, isSeq } from 'yaml';
import { FileInvalid, inFile } from '../file-invalid.js';
import { cleanPath, join, lookUp, type Tree } from '../tree.js';
import { parseYaml } from '../yaml-file.js';

/** The names kustomize looks for, in its order. https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/ */
const fileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** The fields that may name a directory whose manifests become part of the build. */
export const manifestFields = ['resources', 'bases', 'components'] as const;

/** The fields that may name a directory with another kustomization in it. */
const readingFields = [...manifestFields, 'generators', 'transformers', 'validators'];

/** A build that reads more directories than this is refused. */
const maxDirectories = 1_000;

/** A kustomization of a build. */
export interface Visited {
  readonly file: string;
  readonly text: string;
  /** The build reaches it through a symbolic link. */
  readonly isBehindLink: boolean;
}

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

/**
 * All kustomization files that a build of this directory reads: its own, and those of the directories that it names,
 * recursively. Throws {@link FileInvalid} if that cannot be determined.
 */
export async function kustomizationsReadBy(tree: Tree, path: string): Promise<Set<string>> {
  const files = new Set<string>();
  await visitBuild(tree, path, readingFields, ({ file }) => {
    files.add(file);
    return true;
  });
  return files;
}

/**
 * Visits the kustomizations of a build: of the directory at `path`, and of the directories that these fields name.
 * `visit` returns whether to continue below. Remote resources are skipped. Throws {@link FileInvalid}.
 */
export async function visitBuild(
  tree: Tree,
  path: string,
  fields: readonly string[],
  visit: (kustomization: Visited) => boolean,
): Promise<void> {
  const start = cleanPath(path);
  if (start === undefined) throw new FileInvalid(`the path "${path}" leaves the repository`);
  const seen = new Set<string>([start]);
  const open = [{ directory: start, isBehindLink: false }];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { directory } = next;
    if (seen.size > maxDirectories) throw new FileInvalid(`"${start}" reads more than ${maxDirectories} directories`);
    const found = await findKustomization(tree, directory);
    if (found.is === 'invalid') throw new FileInvalid(found.why);
    // A plain file, a directory of plain manifests, or nothing: it has no kustomization.
    if (found.is === 'noDirectory' || found.is === 'noKustomization') continue;
    // The promoter edits nothing behind a link, but a build follows it.
    const isBehindLink = next.isBehindLink || found.is === 'link';
    if (found.is === 'found' && !visit({ file: found.file, text: found.text, isBehindLink })) continue;
    const named = found.is === 'link' ? [found.leadsTo] : directoriesIn(found, directory, fields);
    for (const each of named) {
      if (each === undefined || seen.has(each)) continue;
      seen.add(each);
      open.push({ directory: each, isBehindLink });
    }
  }
}

function directoriesIn(
  { file, text }: { file: string; text: string },
  from: string,
  fields: readonly string[],
): (string | undefined)[] {
  const { document } = inFile(file, () => parseYaml(text));
  return fields.flatMap((field) => {
    const list = document.hasIn([field]) ? document.getIn([field], true) : undefined;
    if (!isSeq(list)) return [];
    return list.items.flatMap((item) => {
      const node = isScalar(item) ? item.value : undefined;
      return typeof node === 'string' && !isRemote(node) ? [cleanPath(node, from)] : [];
    });
  });
}

/** kustomize looks on the disk first. A resource with a scheme, or an scp address, is never there. */
function isRemote(resource: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(resource) || /^[^/]+@[^/]+:/.test(resource) || resource.includes('\n');
}
