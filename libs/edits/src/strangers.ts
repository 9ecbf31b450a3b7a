import { applicationKey, type EditSource } from '@k8sta/contracts';
import type { Draft } from './draft.js';
import { FileInvalid, NotYaml, PathMissing } from './file-invalid.js';
import type { Named, ProtectedSource } from './part.js';
import { type Refusal, refuse } from './refusal.js';
import type { Renderer, Way } from './renderer.js';
import { rendererFor } from './renderers.js';
import { cleanPath, follow, type Trees } from './tree.js';

/** The Applications outside the Station, and what they render before anything is edited. */
export class Strangers {
  readonly #trees: Trees;
  readonly #sources: readonly ProtectedSource[];
  readonly #known = new Map<ProtectedSource, Promise<Known | Refusal | undefined>>();

  constructor(trees: Trees, sources: readonly ProtectedSource[]) {
    this.#trees = trees;
    this.#sources = sources;
  }

  /** Why a draft may not be committed: one of them would render something else because of the places of a way. */
  async hindrance(draft: Draft, { isOwn, ...way }: Way): Promise<Hindrance | undefined> {
    let broken: Hindrance | undefined;
    const files = [way, ...(way.also ?? [])].map(({ file }) => file);
    for (const stranger of this.#sources) {
      const known = await this.#readerOf(stranger);
      if (known === undefined) continue;
      if ('is' in known) return { refusal: known, isBroken: false };
      const shared = files.find((file) => known.reads(file));
      if (shared === undefined) continue;
      const effect = await effectOn(known, stranger, draft);
      if (effect === 'none' && !isOwn) continue;
      const why = `${shared} is also read by ${nameOf(stranger)}; it would be promoted too`;
      const found = { refusal: refuse('SharedFile', why), isBroken: effect === 'broken' };
      if (!found.isBroken) return found;
      broken ??= found;
    }
    return broken;
  }

  #readerOf(stranger: ProtectedSource): Promise<Known | Refusal | undefined> {
    const known = this.#known.get(stranger) ?? readerOf(this.#trees, stranger);
    this.#known.set(stranger, known);
    return known;
  }
}

/** `isBroken`: only Applications read the file whose files are not YAML. They render nothing until a person fixes them. */
export interface Hindrance {
  readonly refusal: Refusal;
  readonly isBroken: boolean;
}

interface Known {
  readonly source: EditSource;
  readonly renderer: Renderer;
  readonly reads: (file: string) => boolean;
  /** What it renders now; asked for only if it reads an edited file. */
  readonly meaning: () => Promise<string>;
}

/** Undefined if nothing that is edited could reach it. */
async function readerOf(trees: Trees, stranger: ProtectedSource): Promise<Known | Refusal | undefined> {
  try {
    const source = await behindLinks(trees, stranger.source);
    if (!source) return undefined;
    const renderer = await rendererFor(trees, source);
    if (!renderer) return undefined;
    const reads = await renderer.reads(trees, source, stranger);
    let meaning: Promise<string> | undefined;
    return {
      ...{ renderer, reads },
      source,
      meaning: () => (meaning ??= renderer.render(trees, source, stranger).then((rendering) => rendering.meaning)),
    };
  } catch (error) {
    // It renders nothing now, and nothing afterwards.
    if (error instanceof PathMissing) return undefined;
    if (!(error instanceof FileInvalid)) throw error;
    return refuse('FileInvalid', `it is unknown whether ${nameOf(stranger)} reads the same files: ${error.message}`);
  }
}

/** The source with its path behind symbolic links, which a build follows; undefined if nothing is there. */
async function behindLinks({ main }: Trees, source: EditSource): Promise<EditSource | undefined> {
  if (source.path === undefined || source.elsewhere) return source;
  const found = await follow(main, cleanPath(source.path));
  return found && { ...source, path: found.path };
}

/** What a draft makes of what it renders; `broken`: it renders nothing before and after. */
async function effectOn(
  { renderer, source, meaning }: Known,
  stranger: Named,
  draft: Draft,
): Promise<'none' | 'some' | 'broken'> {
  try {
    const before = await meaning();
    return before === (await renderer.render(draft.trees, source, stranger)).meaning ? 'none' : 'some';
  } catch (error) {
    if (error instanceof PathMissing) return 'none';
    if (error instanceof NotYaml) return 'broken';
    if (error instanceof FileInvalid) return 'some';
    throw error;
  }
}

function nameOf(stranger: ProtectedSource): string {
  const of = stranger.station ? ` of Station ${stranger.station}` : ', which is on no Station of this Track';
  return `${applicationKey(stranger)}${of}`;
}
