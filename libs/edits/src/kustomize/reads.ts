import { FileInvalid, inFile, NotYaml } from '../file-invalid.js';
import { remembered } from '../remembered.js';
import { cleanPath, follow, type Tree } from '../tree.js';
import { chartDirectory } from './charts.js';
import { type Fields, fieldsOf, pathsIn } from './fields.js';
import { findKustomization, isRemote } from './locate.js';

/** A build that reads more directories than this is refused. */
const maxDirectories = 1_000;

/** What a build reads: files by their paths behind links, and all below the directories of charts. */
export interface Reads {
  readonly files: ReadonlySet<string>;
  readonly directories: ReadonlySet<string>;
}

/** All that a build of a directory reads, without a look into manifests. Throws a FileInvalid. */
export async function readsOf(tree: Tree, start: string): Promise<Reads> {
  const [files, directories] = [new Set<string>(), new Set<string>()];
  const seen = new Set<string>([start]);
  for (const directory of seen) {
    if (seen.size > maxDirectories) throw new FileInvalid(`"${start}" reads more than ${maxDirectories} directories`);
    const found = await findKustomization(tree, directory);
    if (found.is === 'invalid') throw new FileInvalid(found.why);
    if (found.is === 'link' && found.leadsTo !== undefined) seen.add(found.leadsTo);
    if (found.is !== 'found') continue;
    files.add(found.file);
    const { builds, files: named, charts } = inFile(found.file, () => namedIn(found.text));
    for (const each of [...builds, ...named]) {
      const at = isRemote(each) ? undefined : await follow(tree, cleanPath(each, directory));
      if (at?.entry.is === 'directory') seen.add(at.path);
      else if (at) files.add(at.path);
    }
    for (const chart of charts?.helmCharts ?? []) {
      const at = await follow(tree, charts && chartDirectory(directory, charts, chart));
      if (at) directories.add(at.path);
    }
  }
  return { files, directories };
}

/** The paths that a kustomization names. */
interface Named extends ReturnType<typeof pathsIn> {
  readonly charts?: Pick<Fields, 'helmCharts' | 'helmGlobals'>;
}

/** Every plan asks this of all Applications of the repository, so it keeps more files than are kept parsed. */
const namedIn = remembered(
  (text): Named => {
    const fields = tryReadFields(text);
    if (!fields) return { builds: wordsIn(text), files: [] };
    const { helmCharts, helmGlobals } = fields;
    return { ...pathsIn(fields), charts: { helmCharts, helmGlobals } };
  },
  4 * 1024 * 1024,
);

/** Undefined where the text is not YAML. */
function tryReadFields(text: string): Fields | undefined {
  try {
    return fieldsOf(text);
  } catch (error) {
    if (error instanceof NotYaml) return undefined;
    throw error;
  }
}

/** All that could be a path in a kustomization that does not parse, such as one with the marks of a merge conflict. */
function wordsIn(text: string): string[] {
  return [...new Set(text.match(/[^\s'"[\]{},:]+/g))];
}
