import { digest, tag, tryParseImage } from '@k8sta/contracts';
import type { Push } from './sender.js';

/** What a webhook says about one image: a push, something that is not one, or something that cannot be understood. */
export type Announcement =
  | Push
  /** Why this is not the push of an image. It never quotes the body. */
  | { readonly ignored: string }
  /** What is wrong and where. It never quotes the body. */
  | { readonly fault: string };

/** An image as a sender names it. */
export interface Named {
  /** The repository with its host, or a whole reference; undefined if there is none. */
  readonly repository: string | undefined;
  /** The tag, unless the reference has it. */
  readonly tag?: unknown;
  /** The digest, unless the reference has it. */
  readonly digest?: unknown;
  /** Where the repository is in the body, for a fault. Default: `repository`. */
  readonly where?: string;
}

/** The push of this image, if it can be one: its parts have the grammar of the OCI distribution spec. */
export function announce({ repository, where = 'repository', ...parts }: Named, pushedAt: Date): Announcement {
  const named = repository === undefined ? undefined : tryParseImage(repository);
  if (!named) return { fault: `${where}: must be an image repository with its host, such as "ghcr.io/acme/app"` };
  const given = { tag: present(parts.tag) ?? named.tag, digest: present(parts.digest) ?? named.digest };
  // Some registries name an untagged manifest by its digest.
  if (given.tag === undefined || digest.safeParse(given.tag).success) return { ignored: 'a manifest without a tag' };
  const taggedAs = tag.safeParse(given.tag);
  if (!taggedAs.success) return { fault: 'the tag must have at most 128 letters, digits, "_", "." and "-"' };
  if (given.digest === undefined) {
    return { image: { repository: named.repository, tag: taggedAs.data }, pushedAt };
  }
  const resolved = digest.safeParse(given.digest);
  if (!resolved.success) return { fault: 'the digest must be one such as "sha256:" and 64 hexadecimal digits' };
  const image = { repository: named.repository, tag: taggedAs.data, digest: resolved.data.toLowerCase() };
  return { image, pushedAt };
}

/** The reference of a path at a registry; undefined if the host could not be told from a part of the path. */
export function atRegistry(host: string, path: string): string | undefined {
  return /^(localhost|[^/]*[.:][^/]*)(\/|$)/.test(host) ? `${host}/${path}` : undefined;
}

function present(value: unknown): unknown {
  return value === '' || value === null ? undefined : value;
}
