import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { unreachable } from '@k8sta/text';
import type { NamedSecret } from './named-secret.js';

/** A request's headers, their names in lower case. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The secret is the last segment of the address, for a sender that signs nothing. */
export interface PathSecret {
  readonly kind: 'pathSecret';
}

/** A header holds an HMAC over the raw bytes of the body, with the secret as its key. */
export interface Hmac {
  readonly kind: 'hmac';
  readonly algorithm: 'sha1' | 'sha256' | 'sha512';
  /** In lower case. */
  readonly header: string;
  /** The text before the digest in the header, such as "sha256=". */
  readonly prefix: string;
  readonly encoding: 'hex' | 'base64';
}

/** The whole value of a header is the secret. */
export interface LiteralHeader {
  readonly kind: 'literalHeader';
  /** In lower case. */
  readonly header: string;
}

/** A signed token of an identity provider in the header `Authorization`. The file of secrets says which ones are accepted. */
export interface OidcToken {
  readonly kind: 'oidcToken';
  /** The issuer, where the file names none; undefined if it must. */
  readonly issuer: string | undefined;
  /** Other spellings of that issuer in its tokens. */
  readonly aliases: readonly string[];
  /** Claims that every token must have, whatever the file says. */
  readonly demands: Readonly<Record<string, string>>;
}

/** How a sender proves that a webhook is its own. */
export type Proof = PathSecret | Hmac | LiteralHeader | OidcToken;

export const pathSecret: PathSecret = { kind: 'pathSecret' };

export function hmac(header: string, { algorithm, prefix, encoding }: Omit<Hmac, 'kind' | 'header'>): Hmac {
  return { kind: 'hmac', header: header.toLowerCase(), algorithm, prefix, encoding };
}

export function literalHeader(header: string): LiteralHeader {
  return { kind: 'literalHeader', header: header.toLowerCase() };
}

export function oidcToken(token: Partial<Omit<OidcToken, 'kind'>> = {}): OidcToken {
  return { kind: 'oidcToken', issuer: token.issuer, aliases: token.aliases ?? [], demands: token.demands ?? {} };
}

/** What a request presents as its proof; undefined if it is missing or cannot be a proof. It is not compared yet. */
export function presentedProof(
  proof: Proof,
  request: { readonly headers: Headers; readonly pathSecret: string | undefined },
): string | undefined {
  switch (proof.kind) {
    case 'pathSecret':
      return request.pathSecret;
    case 'literalHeader':
      return onlyValue(request.headers[proof.header]);
    case 'hmac': {
      const value = onlyValue(request.headers[proof.header]);
      return value?.length === signatureLength(proof) && value.startsWith(proof.prefix) ? value : undefined;
    }
    case 'oidcToken':
      return /^Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i.exec(
        onlyValue(request.headers['authorization']) ?? '',
      )?.[1];
    default:
      return unreachable('proof', proof);
  }
}

/**
 * The name of the secret that this is; undefined if it is none of them. The time it takes depends neither on where they differ
 * nor on which one matches.
 */
export function matchingSecret(secrets: readonly NamedSecret[], presented: string): string | undefined {
  const digests = secrets.map((secret) => known.get(secret) ?? remember(secret));
  return secrets[indexOf(digests, presented)]?.name;
}

/** The name of the secret that signed these bytes; undefined if none of them did. */
export function signingSecret(
  { algorithm, prefix, encoding }: Hmac,
  secrets: readonly NamedSecret[],
  bytes: Uint8Array,
  presented: string,
): string | undefined {
  const sign = (secret: string) => prefix + createHmac(algorithm, secret).update(bytes).digest(encoding);
  const digests = secrets.map(({ value }) => digestOf(sign(value)));
  return secrets[indexOf(digests, presented)]?.name;
}

/** Compares all of them, whichever matches. */
function indexOf(digests: readonly Buffer[], presented: string): number {
  const given = digestOf(presented);
  return digests.map((digest) => timingSafeEqual(digest, given)).indexOf(true);
}

/** The digests of secrets. The same ones are compared with each request until their file changes. */
const known = new WeakMap<NamedSecret, Buffer>();

function remember(secret: NamedSecret): Buffer {
  const digest = digestOf(secret.value);
  known.set(secret, digest);
  return digest;
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

const digestBytes: Readonly<Record<Hmac['algorithm'], number>> = { sha1: 20, sha256: 32, sha512: 64 };

function signatureLength({ algorithm, prefix, encoding }: Hmac): number {
  const bytes = digestBytes[algorithm];
  return prefix.length + (encoding === 'hex' ? bytes * 2 : Math.ceil(bytes / 3) * 4);
}

function onlyValue(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
