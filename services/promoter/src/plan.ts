import { applicationKey, type PromotedApplication } from '@k8sta/contracts';
import { editImage, readImage } from './edit.js';
import { FileInvalid } from './images.js';
import { type Part, type Refusal, refuse, type Started } from './part.js';
import { findKustomization, kustomizationsReadBy } from './reads.js';
import { cleanPath, type Tree } from './tree.js';

type Application = Part['applications'][number];

/** The edits of one part on one commit's files. */
export type Edits =
  | Refusal
  /** The file no longer says what it said when this part began. */
  | { readonly is: 'changed'; readonly file: string; readonly application: Application; readonly now: string }
  | {
      readonly is: 'planned';
      readonly applications: PromotedApplication[];
      /** What each file named before, for `promotion.started`. */
      readonly replaces: Started['replaces'];
      /** The new text by path; empty when nothing has to change. */
      readonly files: ReadonlyMap<string, string>;
    };

/** Decides what a part changes in these files. Reads through `tree` only and writes nothing. */
export async function planEdits(tree: Tree, part: Part): Promise<Edits> {
  const files = new Map<string, string>();
  const applications: PromotedApplication[] = [];
  const replaces: Started['replaces'] = [];
  for (const application of part.applications) {
    const ref = { namespace: application.namespace, name: application.name };
    const begun = part.started?.replaces.find((each) => applicationKey(each) === applicationKey(ref));
    if (part.started && !begun) {
      applications.push({ ...ref, outcome: 'skipped' });
      continue;
    }
    const source = await sourceOf(tree, application);
    if (source.is === 'refused') {
      if (begun && source.reason === 'PathMissing')
        return { is: 'changed', file: begun.file, application, now: 'nothing' };
      return source;
    }
    const { file } = source;
    const edit = editImage(files.get(file) ?? source.text, application.image);
    if (edit.is === 'refused') return refuse('FileInvalid', `${file} ${edit.message}`);
    if (edit.is === 'notNamed') {
      if (begun) return { is: 'changed', file: begun.file, application, now: 'nothing' };
      applications.push({ ...ref, outcome: 'skipped' });
      continue;
    }
    const { before } = edit;
    // Two Applications of the Station may share a file; the second finds the first one's edit in it.
    const original = applications.find((each) => each.file === file && each.after === before)?.before ?? before;
    replaces.push({ ...ref, file, value: original });
    if (edit.is === 'unchanged') {
      const edited = files.has(file);
      applications.push({ ...ref, file, outcome: edited ? 'edited' : 'unchanged', before: original, after: before });
      continue;
    }
    if (begun && (begun.file !== file || begun.value !== original)) {
      return { is: 'changed', file, application, now: original };
    }
    files.set(file, edit.text);
    applications.push({ ...ref, file, outcome: 'edited', before, after: edit.after });
  }
  const torn = part.applications.find((application, index) => {
    const { file } = applications[index] ?? {};
    const text = file === undefined ? undefined : files.get(file);
    return text !== undefined && !readImage(text, application.image).names;
  });
  if (torn) {
    return refuse(
      'FileInvalid',
      `two Applications of Station ${part.station} read one file but shall run different images`,
    );
  }
  return (await sharedWith(tree, part, files)) ?? { is: 'planned', applications, replaces, files };
}

async function sourceOf(
  tree: Tree,
  application: Application,
): Promise<Refusal | { is: 'found'; file: string; text: string }> {
  const who = applicationKey(application);
  if (application.sourceType !== undefined && application.sourceType !== 'Kustomize') {
    return refuse(
      'UnsupportedSource',
      `the source of ${who} is of type ${application.sourceType}; only Kustomize sources can be promoted`,
    );
  }
  const directory = cleanPath(application.path);
  if (directory === undefined) {
    return refuse('PathMissing', `the path "${application.path}" of ${who} leaves the repository`);
  }
  const found = await findKustomization(tree, directory);
  switch (found.is) {
    case 'found':
      return found;
    case 'link':
    case 'invalid':
      return refuse('FileInvalid', `${who}: ${found.why}`);
    case 'noDirectory':
      return refuse('PathMissing', `${who}: ${found.why}`);
    case 'noKustomization': {
      // Argo CD said that it is one of Kustomize, so the file is gone; otherwise it was none to begin with.
      const reason = application.sourceType === undefined ? 'UnsupportedSource' : 'PathMissing';
      return refuse(reason, `${who}: ${found.why}; only Kustomize sources can be promoted`);
    }
    default:
      throw new TypeError(`no such finding: ${JSON.stringify(found satisfies never)}`);
  }
}

/** Refuses what another Station would feel: a file of its build must not be edited for this one. */
async function sharedWith(tree: Tree, part: Part, files: ReadonlyMap<string, string>): Promise<Refusal | undefined> {
  if (files.size === 0) return undefined;
  for (const other of part.protectedSources) {
    const who = `${applicationKey(other)} of Station ${other.station}`;
    try {
      const read = await kustomizationsReadBy(tree, other.path);
      const shared = [...files.keys()].find((file) => read.has(file));
      if (shared !== undefined) {
        return refuse('SharedFile', `${shared} is also read by ${who}, which would be promoted with it`);
      }
    } catch (error) {
      if (!(error instanceof FileInvalid)) throw error;
      return refuse('FileInvalid', `whether ${who} reads the same files cannot be told: ${error.message}`);
    }
  }
  return undefined;
}
