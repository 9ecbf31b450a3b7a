import { sanitizeLine } from '@k8sta/text';
import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import type { NamedSecret } from '../senders/named-secret.js';
import type { OidcToken } from '../senders/proof.js';
import { IssuerKeys, type KeysOptions, KeysUnavailable } from './keys.js';
import { mismatch, parseTrust, type Trust } from './trust.js';

/** Signatures with a public key. An HMAC, or none, could be made by anybody. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** How far the issuer's clock may be from ours. */
const skewSeconds = 60;

/** Longer than any issuer's tokens are valid: a token that never expires is a password. */
const oldest = '24h';

export interface Verified {
  /** The name of the line that says that the token is accepted. */
  readonly acceptedBy: string;
  readonly issuer: string;
  /** Whom the token is about; empty if it does not say. */
  readonly subject: string;
}

type NamedTrust = Trust & { readonly name: string };

/** Why a token proves nothing, for the log. It never quotes the token. */
export type Unverified = { readonly refused: string } | { readonly unavailable: string };

export interface TokenVerifierOptions extends Omit<KeysOptions, 'now'> {
  readonly now: () => Date;
}

/** Verifies OIDC tokens. */
export class TokenVerifier {
  readonly #now: () => Date;
  readonly #keys: IssuerKeys;

  constructor({ now, ...options }: TokenVerifierOptions) {
    this.#now = now;
    this.#keys = new IssuerKeys({ ...options, now: () => now().getTime() });
  }

  /** Verifies the token by the lines of the sender's files. Names the one that accepts it. */
  async verify(proof: OidcToken, lines: readonly NamedSecret[], token: string): Promise<Verified | Unverified> {
    const unverified = unverifiedClaims(token);
    if ('refused' in unverified) return unverified;
    const trusts = lines.flatMap(({ name, value }) => {
      const trust = parseTrust(value, proof);
      return 'fault' in trust ? [] : [{ ...trust, name }];
    });
    // The keys of an issuer are only asked for if the token would be accepted with its signature.
    const found = acceptedBy(trusts, unverified.claims);
    if ('refused' in found) return found;
    const { issuer, issuers, audience, name } = found.trust;
    try {
      await jwtVerify(token, await this.#keys.of(issuer), {
        algorithms,
        issuer: [...issuers],
        audience,
        clockTolerance: skewSeconds,
        requiredClaims: ['exp', 'iat'],
        maxTokenAge: oldest,
        currentDate: this.#now(),
      });
      return { acceptedBy: name, issuer, subject: String(unverified.claims.sub ?? '') };
    } catch (error) {
      return unverifiedBy(error);
    }
  }
}

function unverifiedClaims(token: string): { readonly claims: JWTPayload } | { readonly refused: string } {
  try {
    const { alg = '', kid } = decodeProtectedHeader(token);
    if (!algorithms.includes(alg)) return { refused: 'the token is not signed with an allowed algorithm' };
    if (typeof kid !== 'string') return { refused: 'the token does not name its key (kid)' };
    return { claims: decodeJwt(token) };
  } catch {
    return { refused: 'the token is not a JWT' };
  }
}

function acceptedBy(
  trusts: readonly NamedTrust[],
  claims: JWTPayload,
): { readonly trust: NamedTrust } | { readonly refused: string } {
  const ofIssuer = trusts.filter(({ issuers }) => issuers.includes(claims.iss ?? ''));
  if (ofIssuer.length === 0) return { refused: 'the token has another issuer' };
  const forUs = ofIssuer.filter(({ audience }) => [claims.aud].flat().includes(audience));
  if (forUs.length === 0) return { refused: 'the token is for another audience' };
  const trust = forUs.find((each) => mismatch(each, claims) === undefined);
  if (trust) return { trust };
  const wrong = new Set(forUs.map((each) => mismatch(each, claims)));
  return { refused: sanitizeLine(`the token has another value of ${[...wrong].join(', ')}`, 200) };
}

function unverifiedBy(error: unknown): Unverified {
  if (error instanceof KeysUnavailable) return { unavailable: sanitizeLine(error.message, 200) };
  if (error instanceof errors.JWTExpired) return { refused: 'the token has expired' };
  if (error instanceof errors.JWTClaimValidationFailed)
    return { refused: `the token's claim ${error.claim} is not valid` };
  if (error instanceof errors.JWSSignatureVerificationFailed) return { refused: 'the signature of the token is wrong' };
  if (error instanceof errors.JWKSNoMatchingKey) return { refused: 'the issuer has no key of that name (kid)' };
  const isOfToken = refusals.some((kind) => error instanceof kind);
  const message = sanitizeLine((error as Error).message, 200);
  return isOfToken ? { refused: message } : { unavailable: `the keys of the issuer cannot be used: ${message}` };
}

const refusals = [
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSMultipleMatchingKeys,
];
