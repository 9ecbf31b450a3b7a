import { digest, parseImage, tag } from '@k8sta/contracts';

/** A key that sets a repository, a registry or a whole image: `repository`, `global.imageRegistry`, `web.image`, `image.name`. */
const ofRepository = /(repository|registry|image|image[._-]?(repo|name|url|ref))$/i;

const host = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$/;
const longest = 512;

/**
 * What such a key sets, where it is without doubt an image reference, the host of a registry, or a switch. Undefined for anything
 * else: what a person writes into an Application may be a secret, and it would be published.
 */
export function imageText(key: string, value: unknown): string | undefined {
  if (/(^|\.)enabled$/i.test(key) && /^(true|false)$/.test(String(value))) return String(value);
  if (typeof value !== 'string' || value.length > longest || !ofRepository.test(key)) return undefined;
  const [named = '', pin] = value.split('@');
  const name = named.replace(/:[^:/]*$/, '');
  // The parser takes upper-case letters as well; a registry does not, and random text has them.
  if (name !== name.toLowerCase() || (pin !== undefined && !digest.safeParse(pin).success)) return undefined;
  if (host.test(value)) return value;
  try {
    const image = parseImage(value);
    return image.tag === undefined || tag.safeParse(image.tag).success ? value : undefined;
  } catch {
    return undefined;
  }
}
