import { retryAfterMs, tryParseJson } from '@k8sta/text';
import { z } from 'zod';
import type { Challenge } from './challenge.js';
import type { Credentials } from './credentials.js';
import { RegistryFault } from './fault.js';
import { isAllowed, isBusy, isLoopback, send } from './http.js';

/** A value of the header Authorization, and until when it may be used. */
export interface Authorization {
  readonly header: string;
  readonly until: number;
}

const tokenAnswer = z.looseObject({
  token: z.string().min(1).optional(),
  access_token: z.string().min(1).optional(),
  expires_in: z.number().positive().optional(),
});

/** What the specification of the tokens says if the answer does not. */
const defaultSeconds = 60;

/**
 * Answers the challenge of a registry: with the password, or with a token of its token server that may only pull this
 * repository (https://distribution.github.io/distribution/spec/auth/token/).
 */
export async function authorize(
  { registry, path }: { readonly registry: URL; readonly path: string },
  { scheme, parameters }: Challenge,
  credentials: Credentials | undefined,
  now: Date,
): Promise<Authorization> {
  if (scheme === 'basic') {
    if (credentials?.kind !== 'password')
      throw new RegistryFault('RegistryRefused', 'it requires a user and a password');
    return { header: basic(credentials), until: now.getTime() + 300_000 };
  }
  const realm = URL.canParse(parameters['realm'] ?? '') ? new URL(parameters['realm'] ?? '') : undefined;
  if (!realm || !isAllowed(realm)) {
    throw new RegistryFault('RegistryAnswerInvalid', 'the realm of its challenge is not an https address');
  }
  // Otherwise a registry could have ingest send the credentials to what listens beside ingest.
  if (isLoopback(realm.hostname) && !isLoopback(registry.hostname)) {
    throw new RegistryFault('RegistryAnswerInvalid', 'the realm of its challenge is an address of this machine');
  }
  const asked = { ...(parameters['service'] && { service: parameters['service'] }), scope: `repository:${path}:pull` };
  const reply = await requestToken(realm, asked, credentials);
  if (reply.status !== 200) {
    const message = `its token server ${realm.host} answered ${reply.status}`;
    if (isBusy(reply))
      throw new RegistryFault('RegistryBusy', message, retryAfterMs(reply.headers.get('retry-after'), now.getTime()));
    throw new RegistryFault('RegistryRefused', message);
  }
  const answer = tokenAnswer.safeParse(tryParseJson(reply.body));
  const token = answer.data?.token ?? answer.data?.access_token;
  if (token === undefined || !/^[\x21-\x7e]+$/.test(token)) {
    throw new RegistryFault('RegistryAnswerInvalid', `its token server ${realm.host} answered with no token`);
  }
  const seconds = answer.data?.expires_in ?? defaultSeconds;
  // A token that ends on its way would cost another round trip.
  return { header: `Bearer ${token}`, until: now.getTime() + Math.max(seconds - 10, 0) * 1_000 };
}

function requestToken(realm: URL, asked: Record<string, string>, credentials: Credentials | undefined) {
  if (credentials?.kind === 'identityToken') {
    const form = { ...asked, grant_type: 'refresh_token', client_id: 'k8sta', refresh_token: credentials.token };
    return send(realm, { method: 'POST', body: new URLSearchParams(form) });
  }
  const url = new URL(realm);
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  return send(url, { headers: credentials ? { authorization: basic(credentials) } : {} });
}

function basic({ username, password }: Extract<Credentials, { kind: 'password' }>): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
