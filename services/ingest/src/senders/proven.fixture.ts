import { createHmac } from 'node:crypto';
import { unreachable } from '@k8sta/text';
import type { NamedSecret } from './named-secret.js';
import type { Headers } from './proof.js';
import type { Sender } from './sender.js';

/** What a request of a sender with this secret has, beside its own headers and its body. */
export interface Proven {
  readonly path: string;
  readonly headers: Headers;
}

/** Secrets as the lines of a file `test`. */
export function named(...values: readonly string[]): NamedSecret[] {
  return values.map((value, at) => ({ name: `test:${at + 1}`, value }));
}

/** The proof that a sender adds to a request with this body. The token is that of a sender with an OIDC token. */
export function prove({ name, proof }: Sender, secret: string, bytes: Uint8Array, token = 'a.b.c'): Proven {
  const path = `/webhooks/${name}`;
  switch (proof.kind) {
    case 'pathSecret':
      return { path: `${path}/${secret}`, headers: {} };
    case 'literalHeader':
      return { path, headers: { [proof.header]: secret } };
    case 'hmac': {
      const signature = createHmac(proof.algorithm, secret).update(bytes).digest(proof.encoding);
      return { path, headers: { [proof.header]: proof.prefix + signature } };
    }
    case 'oidcToken':
      return { path, headers: { authorization: `Bearer ${token}` } };
    default:
      return unreachable('proof', proof);
  }
}
