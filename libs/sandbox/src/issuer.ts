import type { ServerResponse } from 'node:http';
import type { JWK, JWTPayload } from 'jose';
import { serveHttp } from './http-server.js';

/** How the issuer answers. */
export type IssuerBehaviour =
  | 'well'
  /** It accepts connections and never answers. */
  | 'hangs'
  /** It answers with 500. */
  | 'fails'
  /** It answers with megabytes. */
  | 'floods'
  /** It answers with something other than JSON. */
  | 'babbles'
  /** It sends the reader elsewhere. */
  | 'redirects'
  /** Its configuration names another issuer. */
  | 'impersonates';

export interface TokenChange {
  /** The name of the key in the header; by default that of the newest key. Without one if it is null. */
  readonly kid?: string | null;
  /** Signs with a key that the issuer does not publish, under the name of the newest one. */
  readonly forged?: boolean;
}

/** An OIDC issuer: a real HTTP server with a configuration and keys, as GitHub, GitLab and Google have them. */
export interface Issuer {
  readonly url: string;
  /** The paths that were asked for, in their order. */
  readonly requests: readonly string[];
  /** A signed token with these claims; by default it is valid for five minutes. */
  token(claims: JWTPayload, change?: TokenChange): Promise<string>;
  /** Signs with a new key from now on, and publishes only that one. */
  rotate(): Promise<void>;
  behave(how: IssuerBehaviour): void;
  stop(): Promise<void>;
}

/** Starts an issuer on 127.0.0.1. */
export async function startIssuer(): Promise<Issuer> {
  const { SignJWT } = await import('jose');
  const requests: string[] = [];
  let behaviour: IssuerBehaviour = 'well';
  let key = await keyOf(1);
  const { url, stop } = await serveHttp(({ url: path = '' }, response) => {
    requests.push(path);
    if (behaviour === 'hangs') return;
    if (behaviour !== 'well') misbehave(behaviour, response);
    else if (path === '/jwks') answer(response, { keys: [key.published] });
    else if (path === '/.well-known/openid-configuration') answer(response, { issuer: url, jwks_uri: `${url}/jwks` });
    else response.writeHead(404).end();
  });
  return {
    url,
    requests,
    async token(claims, change = {}) {
      const now = Math.floor(Date.now() / 1000);
      const { kid = key.published.kid } = change;
      const header = { alg: 'RS256', ...(kid !== null && { kid }) };
      const payload = { iss: url, iat: now, nbf: now, exp: now + 300, ...claims };
      const { privateKey } = change.forged ? await keyOf(0) : key;
      return new SignJWT(payload).setProtectedHeader(header).sign(privateKey);
    },
    async rotate() {
      key = await keyOf(Number(key.published.kid) + 1);
    },
    behave(how) {
      behaviour = how;
    },
    stop,
  };
}

/** An RSA key takes a tenth of a second to make, so the issuers of a process have the same ones. */
const keys = new Map<number, ReturnType<typeof createKey>>();

function keyOf(number: number): ReturnType<typeof createKey> {
  const key = keys.get(number) ?? createKey(number);
  keys.set(number, key);
  return key;
}

async function createKey(number: number) {
  const { exportJWK, generateKeyPair } = await import('jose');
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const published: JWK & { kid: string } = { ...(await exportJWK(publicKey)), kid: String(number), alg: 'RS256' };
  return { privateKey, published };
}

function answer(response: ServerResponse, json: object): void {
  response.setHeader('Content-Type', 'application/json').end(JSON.stringify(json));
}

function misbehave(how: Exclude<IssuerBehaviour, 'well' | 'hangs'>, response: ServerResponse): void {
  switch (how) {
    case 'fails':
      response.writeHead(500).end();
      return;
    case 'floods':
      answer(response, { keys: ['x'.repeat(4 * 1024 * 1024)] });
      return;
    case 'babbles':
      response.end('<html>');
      return;
    case 'redirects':
      response.writeHead(302, { Location: '/elsewhere' }).end();
      return;
    case 'impersonates':
      answer(response, { issuer: 'https://issuer.example.com', jwks_uri: 'https://issuer.example.com/jwks' });
      return;
    default:
      throw new TypeError(`no such behaviour: ${how satisfies never}`);
  }
}
