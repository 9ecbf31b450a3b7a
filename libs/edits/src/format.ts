import type { ImageTarget, WantedImage } from '@k8sta/contracts';

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
 * One way in which a file names an image: a folder, and a line in formats.ts. It knows the text of one file, and not
 * what a build makes of it.
 */
export interface FileFormat<At extends ImageTarget = ImageTarget> {
  readonly kind: At['kind'];
  /** Throws a FileInvalid. */
  read(text: string, image: WantedImage, target: At): Reading;
  /**
   * Changes the characters of the image's values, or inserts whole lines; every other byte stays as it is. `spelling` is
   * the name of the image as it reaches this file: the name of an entry that has to be inserted.
   */
  edit(text: string, image: WantedImage, target: At, spelling?: string): Edit;
}
