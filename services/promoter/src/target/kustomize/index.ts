import { applicationKey, type ImageTarget } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { type Refusal, refuse } from '../../part.js';
import { FileInvalid, inFile } from '../file-invalid.js';
import { isAbout, splitReference } from '../reference.js';
import type { Application, EditTarget, Located, Place } from '../target.js';
import { cleanPath, type Tree } from '../tree.js';
import { formatScalar } from '../yaml-scalar.js';
import { editImage } from './edit.js';
import { readImage, readKustomization } from './kustomization.js';
import { type Found, findKustomization, kustomizationsReadBy, manifestFields, visitBuild } from './references.js';

type KustomizeTarget = Extract<ImageTarget, { kind: 'kustomize' }>;

const target: KustomizeTarget = { kind: 'kustomize' };

/** Images that the `images` list of a kustomization names. */
export const kustomize: EditTarget<KustomizeTarget> = {
  kind: 'kustomize',
  matches: (sourceType) => sourceType === undefined || sourceType === 'Kustomize',
  locate,
  read: readImage,
  edit: editImage,
  linesFor: ({ name, tag, digest }) =>
    `images:\n- name: ${name}\n  ${tag || !digest ? `newTag: ${formatScalar(tag || 'latest', '')}` : `digest: ${digest}`}`,
  overriddenBy,
  filesReadBy: (tree, { path }) => kustomizationsReadBy(tree, path),
};

/**
 * The Application's own kustomization, if it names the image; else the nearest ones below it that do, as in an
 * environment with its own base. It does not look below an entry, because the outer entry wins.
 */
async function locate(tree: Tree, application: Application): Promise<Located<KustomizeTarget>> {
  const { path, image } = application;
  const own = await ownKustomization(tree, application);
  if (own.is === 'refused') return own;
  const places: Place<KustomizeTarget>[] = [];
  const notes: string[] = [];
  try {
    await visitBuild(tree, path, manifestFields, ({ file, text, isBehindLink }) => {
      const { entries, note } = inFile(file, () => readKustomization(text, image));
      if (note !== undefined) notes.push(`${file}: ${note}`);
      if (entries.length === 0) return true;
      if (isBehindLink) throw new FileInvalid('is behind a symbolic link, and is never edited', file);
      places.push({ file, text, target });
      return false;
    });
  } catch (error) {
    if (error instanceof FileInvalid) return refuse('FileInvalid', error.message);
    throw error;
  }
  const [first, ...more] = places;
  if (first) return { is: 'located', places: [first, ...more] };
  return {
    is: 'notNamed',
    file: own.file,
    why: `has no entry of \`images\` for ${image.repository}`,
    note: notes.join('; ') || undefined,
  };
}

async function ownKustomization(
  tree: Tree,
  application: Application,
): Promise<Refusal | Extract<Found, { is: 'found' }>> {
  const who = applicationKey(application);
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
      // If Argo CD detected Kustomize, there was a file and it is gone; otherwise there never was one.
      const reason = application.sourceType === undefined ? 'UnsupportedSource' : 'PathMissing';
      return refuse(reason, `${who}: ${found.why}; only Kustomize sources can be promoted`);
    }
    default:
      throw new TypeError(`unknown finding: ${JSON.stringify(found satisfies never)}`);
  }
}

/** Argo CD runs `kustomize edit set image` with each of them (`[name=]newName[:tag|@digest]`) before it builds. */
function overriddenBy(
  { overrides = [], image }: Application,
  places: readonly Place<KustomizeTarget>[],
): string | undefined {
  if (overrides.length === 0) return undefined;
  const entries = places.flatMap(({ text }) => readKustomization(text, image).entries);
  const isEntry = (name: string) => entries.some((entry) => entry.name === name);
  const override = overrides.find(({ kind, value }) => {
    const names = value.split('=').map((part) => splitReference(part).name);
    return kind === 'kustomizeImages' && names.some((name) => isAbout(name, image) || isEntry(name));
  });
  return override && `kustomize.images of its source has "${sanitizeLine(override.value, 200)}"`;
}
