import type { ImageOverride } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import { splitReference } from '../reference.js';
import type { Use } from '../renderer.js';
import { type Applied, repositoryOf } from './entries.js';

/**
 * The entries of the Application's own kustomization when Argo CD builds it: it runs `kustomize edit set image` with each
 * override (`[name=]newName[:tag|@digest]`) before.
 */
export function withOverrides(entries: readonly Applied[], overrides: readonly ImageOverride[]): readonly Applied[] {
  const all = [...entries];
  for (const override of overrides.filter(isImage)) {
    const [name = '', given = name] = override.value.split(/=(.*)/s);
    const { name: newName, tag, digest } = splitReference(given);
    const own = splitReference(name).name;
    const at = all.findIndex((each) => each.name === own);
    const had = all[at];
    all.splice(had ? at : all.length, had ? 1 : 0, {
      name: own,
      newName: newName === '*' ? had?.newName : newName === own ? undefined : newName,
      newTag: tag === '*' ? had?.newTag : tag,
      digest: digest === '*' ? had?.digest : digest,
      tagSuffix: undefined,
      isEditable: false,
      replaced: `kustomize.images of its source replaces our image with "${sanitizeLine(newName, 200)}", which the Track does not name as an alias of it`,
      decidedBy: decision(override),
    });
  }
  return all;
}

/**
 * An override that names the repository in another spelling: it may match nothing now, and is still what somebody meant
 * to run.
 */
export function overridden(use: Use, overrides: readonly ImageOverride[]): Use {
  const about = [use.image, ...(use.was ?? []).map(({ name }) => name)].map(repositoryOf);
  const override = overrides.filter(isImage).find(({ value }) => {
    const named = value.split('=').map(repositoryOf);
    return named.some((each) => each !== undefined && about.includes(each));
  });
  return override && !use.decidedBy ? { ...use, decidedBy: decision(override) } : use;
}

function isImage({ kind }: ImageOverride): boolean {
  return kind === 'kustomizeImages';
}

function decision({ value }: ImageOverride): NonNullable<Use['decidedBy']> {
  return {
    reason: 'OverriddenInApplication',
    message: `kustomize.images of its source has "${sanitizeLine(value, 200)}", which wins over the file: remove it from the Application`,
  };
}
