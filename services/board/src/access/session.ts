import { hkdfSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ConfigError } from '@k8sta/runtime';
import { EncryptJWT, jwtDecrypt } from 'jose';
import type { Context } from 'koa';
import { z } from 'zod';
import { type Person, personOf } from './person.js';

/** What a person is about to do while the issuer signs them in. */
const pendingSchema = z.object({
  verifier: z.string(),
  state: z.string(),
  nonce: z.string(),
  /** The path to return to. */
  to: z.string(),
});
export type Pending = z.infer<typeof pendingSchema>;

const signInMs = 10 * 60_000;

/** Encrypted cookies, so that any replica reads them and none stores anything. */
export class Sessions {
  readonly #key: Uint8Array;
  readonly #isSecure: boolean;
  readonly #sessionMs: number;

  constructor(secret: string, { isSecure, sessionMs }: { isSecure: boolean; sessionMs: number }) {
    this.#key = new Uint8Array(hkdfSync('sha256', secret, '', 'k8sta board session', 32));
    this.#isSecure = isSecure;
    this.#sessionMs = sessionMs;
  }

  async person(context: Context): Promise<Person | undefined> {
    const payload = await this.#read(context, 'session');
    return payload && personOf(payload['name'], payload['groups']);
  }

  async signIn(context: Context, { name, groups }: Person): Promise<void> {
    await this.#write(context, 'session', { name, groups }, this.#sessionMs);
  }

  signOut(context: Context): void {
    this.#set(context, 'session', null);
  }

  /** Remembers what the person is about to do. */
  async begin(context: Context, pending: Pending): Promise<void> {
    await this.#write(context, 'sign-in', pending, signInMs);
  }

  /** What was remembered; at most once. */
  async take(context: Context): Promise<Pending | undefined> {
    const payload = await this.#read(context, 'sign-in');
    this.#set(context, 'sign-in', null);
    return pendingSchema.safeParse(payload).data;
  }

  /** A browser accepts a `__Host-` cookie only from this host itself, over https. */
  #name(of: string): string {
    return this.#isSecure ? `__Host-k8sta-${of}` : `k8sta-${of}`;
  }

  // Lax, not Strict: the browser must send the cookie when the issuer leads the person back.
  get #attributes() {
    return {
      httpOnly: true,
      sameSite: 'lax',
      secure: this.#isSecure,
      path: '/',
      overwrite: true,
      signed: false,
    } as const;
  }

  async #write(context: Context, of: string, payload: Record<string, unknown>, ms: number): Promise<void> {
    const text = await new EncryptJWT(payload)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setAudience(of)
      .setExpirationTime(new Date(Date.now() + ms))
      .encrypt(this.#key);
    this.#set(context, of, text, { maxAge: ms });
  }

  #set(context: Context, of: string, text: string | null, more: { maxAge?: number } = {}): void {
    // Behind a proxy that ends TLS, the request itself is not encrypted, and Koa would refuse a secure cookie.
    context.cookies.secure = this.#isSecure;
    context.cookies.set(this.#name(of), text, { ...this.#attributes, ...more });
  }

  async #read(context: Context, of: string): Promise<Record<string, unknown> | undefined> {
    const text = context.cookies.get(this.#name(of));
    if (!text) return undefined;
    const read = await jwtDecrypt(text, this.#key, { audience: of }).catch(() => undefined);
    return read?.payload;
  }
}

/** Throws a {@link ConfigError} if the key is too short to be random. */
export async function readSessionKey(variable: string, path: string): Promise<string> {
  const key = (await readFile(path, 'utf8')).trim();
  if (key.length < 32) throw new ConfigError([`${variable}: the file must hold at least 32 random characters`]);
  return key;
}
