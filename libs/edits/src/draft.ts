import type { WantedImage } from '@k8sta/contracts';
import { formatAt } from './formats.js';
import type { Place, Way } from './renderer.js';
import { overlaid, type Trees, textAt } from './tree.js';

/** What was done at a place. `before` is what it named before this part. */
export interface Done {
  readonly place: Place;
  readonly before: string;
  readonly isEdited: boolean;
}

/** The files of a branch with the edits of a part so far. It is never changed: an edit gives another draft. */
export class Draft {
  readonly trees: Trees;
  /** The new text by path. */
  readonly files: ReadonlyMap<string, string>;

  constructor(original: Trees, files: ReadonlyMap<string, string> = new Map()) {
    this.#original = original;
    this.files = files;
    this.trees = { main: overlaid(original.main, files), elsewhere: (at) => original.elsewhere(at) };
  }

  readonly #original: Trees;

  /** Edits a place and those that go with it, or returns why that cannot be done. */
  async edited(way: Way, image: WantedImage): Promise<Draft | string> {
    const files = new Map(this.files);
    for (const place of [way, ...(way.also ?? [])]) {
      const text = files.get(place.file) ?? (await textAt(this.#original.main, place.file));
      if (text === undefined) return `${place.file} does not exist`;
      const spelling = place === way ? way.spelling : undefined;
      const edit = formatAt(place.target).edit(text, image, place.target, spelling);
      if (edit.is === 'refused') return `${place.file} ${edit.message}`;
      if (edit.is === 'notNamed') return `${place.file} does not name ${image.repository}`;
      if (edit.is === 'edited') files.set(place.file, edit.text);
    }
    return new Draft(this.#original, files);
  }

  /** What became of a place since the part began. */
  async doneAt(place: Place, image: WantedImage): Promise<Done> {
    const spelledIn = (text: string | undefined) =>
      text === undefined ? '' : (formatAt(place.target).read(text, image, place.target).spelled ?? '');
    const original = await textAt(this.#original.main, place.file);
    const before = spelledIn(original);
    const isEdited = spelledIn(this.files.get(place.file) ?? original) !== before;
    return { place: { file: place.file, target: place.target }, before, isEdited };
  }
}
