import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import type { Visitor } from '../http/visitor.fixture.js';

export interface TestIssuer {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  stop(): Promise<void>;
}

/** A real OpenID Connect provider with these people: the login is the name before the @, and any password is right. */
export async function startIssuer(
  callback: string,
  people: Readonly<Record<string, readonly string[]>>,
): Promise<TestIssuer> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [clientId, clientSecret] = ['k8sta-board', 'a-secret-of-the-tests-that-is-long-enough'];
  const provider = new Provider(url, {
    clients: [
      {
        ...{ client_id: clientId, client_secret: clientSecret, token_endpoint_auth_method: 'client_secret_post' },
        ...{ redirect_uris: [callback], grant_types: ['authorization_code'], response_types: ['code'] },
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
    scopes: ['openid', 'email', 'groups'],
    cookies: { keys: ['a-key-of-the-tests'] },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@example.com`,
        email_verified: id !== 'mallory',
        groups: people[id] ?? [],
      }),
    }),
  } as ConstructorParameters<typeof Provider>[1]);
  server.on('request', provider.callback());
  return {
    ...{ url, clientId, clientSecret },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Signs the visitor in at the issuer's own forms, and returns where it ends. */
export async function signInAs(visitor: Visitor, board: string, login: string, to = '/') {
  const post = (fields: Record<string, string>) => ({ method: 'POST', body: new URLSearchParams(fields) });
  const form = await visitor.visit(`${board}/auth/sign-in?to=${encodeURIComponent(to)}`);
  const consent = await visitor.visit(form.url, post({ prompt: 'login', login, password: 'any' }));
  return visitor.visit(consent.url, post({ prompt: 'consent' }));
}
