import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares what a request presents with a secret, in constant time. */
export function isSameSecret(presented: string | undefined, secret: string): boolean {
  return timingSafeEqual(digest(presented ?? ''), digest(secret));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
