import { tryParseImage, type WantedImage } from '@k8sta/contracts';

/** An image reference taken apart as it is spelled. */
export interface Reference {
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Takes a reference apart without judging it: a file may hold anything. */
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

/** Whether a reference is about the image: its repository, or one that stands in for it. */
export function isAbout(reference: string | undefined, { repository, aliases = [] }: WantedImage): boolean {
  const named = reference === undefined ? undefined : tryParseImage(reference)?.repository;
  return named !== undefined && (named === repository || aliases.includes(named));
}
