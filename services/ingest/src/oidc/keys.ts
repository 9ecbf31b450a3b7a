import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { isSecure } from './trust.js';

const secondMs = 1000;

export interface KeysOptions {
  readonly now: () => number;
  /** How long an issuer may take for an answer, in milliseconds. */
  readonly timeoutMs?: number;
  /** How long the keys are used before they are fetched again. */
  readonly maxAgeMs?: number;
  /** How long an issuer is left alone: after a failure, and after the keys were fetched for a key that it did not have. */
  readonly cooldownMs?: number;
}

/** The issuer did not say in time where its keys are, or what they are. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/** https://openid.net/specs/openid-connect-discovery-1_0.html */
const discovery = z.object({ issuer: z.string(), jwks_uri: z.string() });

interface Held {
  readonly until: number;
  readonly keys: Promise<JWTVerifyGetKey>;
}

/** The public keys of issuers, found by OpenID Connect Discovery and kept for a while. */
export class IssuerKeys {
  readonly #options: Required<KeysOptions>;
  readonly #held = new Map<string, Held>();

  constructor(options: KeysOptions) {
    this.#options = { timeoutMs: 3 * secondMs, maxAgeMs: 600 * secondMs, cooldownMs: 5 * secondMs, ...options };
  }

  /** Rejects with {@link KeysUnavailable}. A stranger can cause at most one request in each cool-down. */
  async of(issuer: string): Promise<JWTVerifyGetKey> {
    const { now, cooldownMs, maxAgeMs } = this.#options;
    const before = this.#held.get(issuer);
    if (before && before.until > now()) return before.keys;
    const keys = this.#discover(issuer);
    // The address of the keys may change as well, and is found again from time to time.
    this.#held.set(issuer, { until: now() + 6 * maxAgeMs, keys });
    keys.catch(() => this.#held.set(issuer, { until: now() + cooldownMs, keys }));
    return keys;
  }

  async #discover(issuer: string): Promise<JWTVerifyGetKey> {
    const { timeoutMs, cooldownMs, maxAgeMs } = this.#options;
    const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetchBounded(address, { signal, redirect: 'error' });
    const parsed = discovery.safeParse(await response.json().catch(() => undefined));
    if (!response.ok || !parsed.success) throw new KeysUnavailable('the issuer has no OpenID configuration');
    const { issuer: named, jwks_uri } = parsed.data;
    if (named !== issuer) throw new KeysUnavailable('the OpenID configuration is that of another issuer');
    if (!isSecure(jwks_uri)) throw new KeysUnavailable('the issuer has its keys at an address without https');
    return createRemoteJWKSet(new URL(jwks_uri), {
      timeoutDuration: timeoutMs,
      cooldownDuration: cooldownMs,
      cacheMaxAge: maxAgeMs,
      [customFetch]: fetchBounded,
    });
  }
}

const mostBytes = 256 * 1024;

/** An answer that is read already. An issuer that misbehaves must not fill our memory. */
async function fetchBounded(address: string, init: RequestInit): Promise<Response> {
  try {
    const response = await fetch(address, init);
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > mostBytes) throw new KeysUnavailable(`the issuer answered with more than ${mostBytes} bytes`);
      chunks.push(chunk);
    }
    return new Response(Buffer.concat(chunks), { status: response.status });
  } catch (error) {
    if (error instanceof KeysUnavailable) throw error;
    throw new KeysUnavailable(`the issuer does not answer: ${reasonOf(error as Error)}`, { cause: error });
  }
}

/** fetch says only "fetch failed"; the code is in its cause. */
function reasonOf({ name, message, cause }: Error): string {
  if (name === 'TimeoutError') return 'it took too long';
  return String((cause as { code?: unknown } | undefined)?.code ?? message);
}
