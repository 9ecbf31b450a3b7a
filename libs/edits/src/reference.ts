import { tryParseImage, type WantedImage } from '@k8sta/contracts';

/** The parts of an image reference, spelled as in the file. */
export interface Reference {
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Splits a reference without validating it: a file may contain anything. */
export function splitReference(text: string): Reference {
  const at = text.indexOf('@');
  const named = at < 0 ? text : text.slice(0, at);
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const colon = named.lastIndexOf(':');
  if (colon <= named.lastIndexOf('/')) return { name: named, tag: undefined, digest };
  return { name: named.slice(0, colon), tag: named.slice(colon + 1), digest };
}

export function joinReference({ name, tag, digest }: Reference): string {
  return `${name}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;
}

/** Whether a reference names the repository of the image, or one of its aliases. */
export function isAbout(reference: string | undefined, { repository, aliases = [] }: WantedImage): boolean {
  const named = reference === undefined ? undefined : tryParseImage(reference)?.repository;
  return named !== undefined && (named === repository || aliases.includes(named));
}

/** Whether a reference deploys exactly this image. A digest wins over a tag, so it must be ours. */
export function deploys(reference: string, image: WantedImage): boolean {
  if (!isAbout(reference, image)) return false;
  const { tag, digest } = splitReference(reference);
  if (digest === undefined) return tag === image.tag;
  return digest.toLowerCase() === image.digest?.toLowerCase() && (tag === undefined || tag === image.tag);
}

/** Whether a reference names the same image as `other`: the same tag, or the digest of `other`, of this repository. */
export function namesSame(reference: string, other: string, image: WantedImage): boolean {
  if (!isAbout(reference, image) || !isAbout(other, image)) return false;
  const [is, was] = [splitReference(reference), splitReference(other)];
  if (is.digest === undefined) return is.tag === was.tag;
  if (is.digest.toLowerCase() !== was.digest?.toLowerCase()) return false;
  return is.tag === undefined || was.tag === undefined || is.tag === was.tag;
}

/**
 * The reference with the tag of the image. A digest moves along if that of the image is known; else it goes, because it
 * would keep the old image.
 */
export function retagged(reference: string, image: WantedImage): string {
  const { name, tag, digest } = splitReference(reference);
  const pin = digest === undefined ? undefined : image.digest;
  return joinReference({ name, tag: tag === undefined && pin !== undefined ? undefined : image.tag, digest: pin });
}
