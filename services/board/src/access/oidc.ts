import { readFile } from 'node:fs/promises';
import type { Log } from '@k8sta/bus';
import { sanitizeLine } from '@k8sta/text';
import type { Context } from 'koa';
import * as client from 'openid-client';
import type { Access } from './access.js';
import { type Person, personOf } from './person.js';
import type { Roles } from './roles.js';
import type { Sessions } from './session.js';

export interface OidcOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecretFile: string | undefined;
  readonly scopes: string;
  readonly nameClaim: string;
  readonly groupsClaim: string;
  /** The address of the board. */
  readonly url: string;
  readonly sessions: Sessions;
  readonly roles: Roles;
  readonly log: Log;
}

/** Sign-in with an OpenID Connect issuer, by the authorization code flow with PKCE, state and nonce. */
export interface Oidc extends Access {
  /** Leads the person to the issuer. */
  start(context: Context): Promise<void>;
  /** Takes the person back from the issuer. */
  finish(context: Context): Promise<void>;
  signOut(context: Context): void;
}

const callbackPath = '/auth/callback';

export function oidcAccess(options: OidcOptions): Oidc {
  const { sessions, url, log } = options;
  const redirectUri = new URL(callbackPath, url).href;
  const discovered = discoverOnce(options);
  return {
    signIn: 'oidc',
    person: (context) => sessions.person(context),
    async start(context) {
      const issuer = await discovered();
      const verifier = client.randomPKCECodeVerifier();
      const [state, nonce] = [client.randomState(), client.randomNonce()];
      await sessions.begin(context, { verifier, state, nonce, to: localPath(context.query['to']) });
      const to = client.buildAuthorizationUrl(issuer, {
        redirect_uri: redirectUri,
        scope: options.scopes,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...{ state, nonce },
      });
      context.redirect(to.href);
    },
    async finish(context) {
      const pending = await sessions.take(context);
      if (!pending) return refuse(context, 'the sign-in took too long, or began in another browser: sign in again');
      try {
        // The address that the issuer knows, not the one behind a proxy.
        const current = new URL(`${redirectUri}?${context.querystring}`);
        const person = await personFrom(await discovered(), current, pending, options);
        if (!person) return refuse(context, `the issuer does not say who you are in the claim "${options.nameClaim}"`);
        await sessions.signIn(context, { ...person, groups: options.roles.known(person.groups) });
        context.redirect(pending.to);
      } catch (error) {
        log.warn({ err: error }, 'sign-in failed');
        refuse(context, 'the issuer did not confirm the sign-in: sign in again');
      }
    },
    signOut: (context) => sessions.signOut(context),
  };
}

async function personFrom(
  issuer: client.Configuration,
  current: URL,
  { verifier, state, nonce }: { verifier: string; state: string; nonce: string },
  { nameClaim, groupsClaim }: OidcOptions,
): Promise<Person | undefined> {
  const tokens = await client.authorizationCodeGrant(issuer, current, {
    ...{ pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true },
  });
  const claims = tokens.claims();
  if (!claims) return undefined;
  const isWhole = claims[nameClaim] !== undefined && claims[groupsClaim] !== undefined;
  // Many issuers put only the subject into the token.
  const more =
    isWhole || !issuer.serverMetadata().userinfo_endpoint
      ? {}
      : await client.fetchUserInfo(issuer, tokens.access_token, claims.sub);
  const all: Readonly<Record<string, unknown>> = { ...more, ...claims };
  // Somebody else's address may be in an account that has not confirmed it.
  if (nameClaim === 'email' && all['email_verified'] === false) return undefined;
  return personOf(all[nameClaim], all[groupsClaim]);
}

/** Asks the issuer for its configuration, when it is first needed, and again after a failure. */
function discoverOnce({ issuer, clientId, clientSecretFile }: OidcOptions): () => Promise<client.Configuration> {
  let known: Promise<client.Configuration> | undefined;
  const discover = async () => {
    const secret = clientSecretFile && (await readFile(clientSecretFile, 'utf8')).trim();
    const authentication = secret ? client.ClientSecretPost(secret) : client.None();
    // The configuration allows http only for this machine.
    const execute = issuer.startsWith('http://') ? [client.allowInsecureRequests] : [];
    return client.discovery(new URL(issuer), clientId, undefined, authentication, { execute, timeout: 10 });
  };
  return () => {
    known ??= discover().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

function refuse(context: Context, message: string): void {
  context.status = 403;
  context.type = 'text/plain';
  context.body = `${sanitizeLine(message)}\n`;
}

/** A path of the board itself: never another host. */
function localPath(to: unknown): string {
  if (typeof to !== 'string' || to.length > 1_000) return '/';
  const base = 'http://board.invalid';
  if (!URL.canParse(to, base)) return '/';
  const { origin, pathname, search } = new URL(to, base);
  return origin === base && !pathname.startsWith('//') ? `${pathname}${search}` : '/';
}
