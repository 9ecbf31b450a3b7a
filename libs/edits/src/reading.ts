import type { EditSource } from '@k8sta/contracts';
import { declaredUse } from './declared.js';
import type { Application } from './part.js';
import type { Rendering, Use } from './renderer.js';
import { rendererFor } from './renderers.js';
import type { Trees } from './tree.js';

/** What an Application renders. */
export interface Rendered {
  readonly is: 'read';
  readonly uses: readonly Use[];
  readonly renderings: readonly Rendering[];
}

/** What an Application renders, or the source whose tool K8sTA does not know. */
export type Read = Rendered | { readonly is: 'unsupported'; readonly source: EditSource };

/** Throws a FileInvalid or a PathMissing. */
export async function readingOf(trees: Trees, application: Application): Promise<Read> {
  if (application.edit) {
    return { is: 'read', uses: [await declaredUse(trees, application, application.edit)], renderings: [] };
  }
  const renderings: Rendering[] = [];
  for (const source of application.sources) {
    const renderer = await rendererFor(trees, source);
    if (!renderer) return { is: 'unsupported', source };
    renderings.push(await renderer.render(trees, source, application));
  }
  return { is: 'read', uses: renderings.flatMap(({ uses }) => uses), renderings };
}
