import type { ImageTarget, WantedImage } from '@k8sta/contracts';
import type { Part, Refusal } from '../part.js';
import type { Reference } from './reference.js';
import type { Tree } from './tree.js';

/** An Application of the Station that is promoted. */
export type Application = Part['applications'][number];

/** A file that names an image, and how it names it: `target` is the form of that on the wire. */
export interface Place<At extends ImageTarget = ImageTarget> {
  readonly file: string;
  readonly target: At;
  readonly text: string;
}

/** The places that name an Application's image. */
export type Located<At extends ImageTarget = ImageTarget> =
  | Refusal
  /** The places to edit: one, unless the build takes the image from several. */
  | { readonly is: 'located'; readonly places: readonly [Place<At>, ...Place<At>[]] }
  /** No file names the image. `file` is the one that should, and `note` describes a line that looks as if it did. */
  | { readonly is: 'notNamed'; readonly file: string; readonly why: string; readonly note: string | undefined };

/** What a place names. */
export interface Reading {
  /** Whether the place deploys exactly this image: repository, tag and digest. */
  readonly names: boolean;
  /** The image as the file spells it; undefined where it names none of this repository. */
  readonly spelled: string | undefined;
}

/** The result of an edit. `before` and `after` are images as the file spells them. */
export type Edit =
  /** Without `before` the edit inserted the lines that name the image. */
  | { readonly is: 'edited'; readonly text: string; readonly before?: string; readonly after: string }
  | { readonly is: 'unchanged'; readonly before: string }
  | { readonly is: 'notNamed' }
  | { readonly is: 'refused'; readonly message: string };

/**
 * One way in which files name images: a folder here, and a line in index.ts. It reads through `tree` only and edits
 * texts. It does not check other Stations and does not write files.
 */
export interface EditTarget<At extends ImageTarget = ImageTarget> {
  readonly kind: At['kind'];
  /** Whether it edits sources of this type, as Argo CD detected it; undefined before Argo CD has looked. */
  matches(sourceType: string | undefined): boolean;
  /** Finds the places that name the Application's image. */
  locate(tree: Tree, application: Application): Promise<Located<At>>;
  /** Throws a FileInvalid. */
  read(text: string, image: WantedImage, target: At): Reading;
  /** Changes the characters of the image's values, or inserts whole lines; every other byte stays as it is. */
  edit(text: string, image: WantedImage, target: At): Edit;
  /** The lines by which a file names what runs now, so that they change nothing until an edit does. */
  linesFor(running: Reference): string;
  /** The setting of the Application that overrides these places, for people; undefined if there is none. */
  overriddenBy(application: Application, places: readonly Place<At>[]): string | undefined;
  /** Every file that the build of this source reads and that this target could edit. Throws a FileInvalid. */
  filesReadBy(tree: Tree, source: Part['protectedSources'][number]): Promise<Set<string>>;
}
