import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Certificate,
  createCertificate,
  type Registry,
  registryUser,
  startRegistry,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@k8sta/sandbox';
import { RegistryClient } from './client.js';
import type { Credentials } from './credentials.js';
import { RegistryFault, type RegistryReason } from './fault.js';

const login: Credentials = { kind: 'password', ...registryUser };

function clientWith(credentials?: Credentials, now = () => new Date()): RegistryClient {
  return new RegistryClient({ credentialsFor: async () => credentials, now });
}

function fails(reason: RegistryReason, message?: RegExp) {
  return (error: unknown) =>
    error instanceof RegistryFault && error.reason === reason && (message?.test(error.message) ?? true);
}

/** Runs a stand-in on 127.0.0.1 for what a real registry does not do on demand. */
async function standIn<T>(listener: RequestListener, work: (host: string) => Promise<T>): Promise<T> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await work(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('the client of registries, with a real registry', () => {
  let directory: TemporaryDirectory;
  let registry: Registry;

  before(async () => {
    directory = await temporaryDirectory('registry-client');
    registry = await startRegistry({ auth: 'htpasswd' });
  });
  after(async () => {
    await registry.stop();
    await directory.remove();
  });

  it('lists the tags and resolves a tag to its digest, with a user and a password', async () => {
    const pushed = await registry.push('acme/app', '1.0.0');
    await registry.push('acme/app', '1.1.0');
    const client = clientWith(login);
    const list = await client.tags(`${registry.host}/acme/app`);
    // The registry has no order, and no ETag.
    assert.ok(list !== 'unchanged' && list.etag === undefined);
    assert.deepEqual([...list.tags].sort(), ['1.0.0', '1.1.0']);
    assert.equal(await client.digest(`${registry.host}/acme/app`, '1.0.0'), pushed);
    assert.equal(await client.digest(`${registry.host}/acme/app`, '9.9.9'), undefined);
  });

  it('says why it cannot list: a wrong password, no password, no such repository, no registry', async () => {
    const repository = `${registry.host}/acme/app`;
    const wrong = clientWith({ ...login, password: 'wrong-password' });
    await assert.rejects(wrong.tags(repository), (error: Error) => {
      assert.ok(!error.message.includes('wrong-password'));
      return fails('RegistryRefused')(error);
    });
    await assert.rejects(clientWith().tags(repository), fails('RegistryRefused', /requires a user and a password/));
    await assert.rejects(clientWith(login).tags(`${registry.host}/acme/none`), fails('RepositoryNotFound'));
    await assert.rejects(
      clientWith(login).tags('127.0.0.1:1/acme/app'),
      fails('RegistryUnreachable', /ECONNREFUSED|bad port/),
    );
  });

  it('obtains a token that may pull the repository only, and uses it until it ends', async () => {
    const certificate = await createCertificate(directory.path, 'issuer');
    const asked: IncomingMessage[] = [];
    let isWrong = false;
    const answerToken: RequestListener = (request, response) => {
      asked.push(request);
      const { searchParams } = new URL(request.url ?? '', 'http://x');
      const [, name = ''] = /^repository:(.+):pull$/.exec(searchParams.get('scope') ?? '') ?? [];
      const actions = searchParams.get('account') === 'pusher' ? ['pull', 'push'] : ['pull'];
      const token = isWrong ? 'x' : issue(certificate, { type: 'repository', name, actions });
      response.end(JSON.stringify({ token, expires_in: 300 }));
    };
    await standIn(answerToken, async (issuer) => {
      const realm = `http://${issuer}/token`;
      const auth = { realm, service: 'sandbox', issuer: 'issuer', certFile: certificate.certFile };
      const guarded = await startRegistry({ auth });
      try {
        const pusher = await fetch(`${realm}?account=pusher&scope=repository:acme/app:pull`);
        const { token } = (await pusher.json()) as { token: string };
        const pushed = await guarded.push('acme/app', '2.0.0', 'x', `Bearer ${token}`);
        asked.length = 0;
        let now = Date.now();
        const client = clientWith(login, () => new Date(now));
        const repository = `${guarded.host}/acme/app`;
        assert.deepEqual(await client.tags(repository), { tags: ['2.0.0'] });
        assert.equal(await client.digest(repository, '2.0.0'), pushed);
        assert.equal(asked.length, 1);
        const basic = Buffer.from(`${registryUser.username}:${registryUser.password}`).toString('base64');
        assert.equal(asked[0]?.headers.authorization, `Basic ${basic}`);
        assert.match(asked[0]?.url ?? '', /service=sandbox&scope=repository%3Aacme%2Fapp%3Apull$/);
        now += 291_000;
        await client.tags(repository);
        assert.equal(asked.length, 2);
        const byToken = clientWith({ kind: 'identityToken', token: 'refresh' });
        await assert.rejects(byToken.tags(repository), fails('RegistryRefused'));
        assert.equal(asked[2]?.method, 'POST');
        isWrong = true;
        await assert.rejects(clientWith(login).tags(repository), fails('RegistryRefused'));
      } finally {
        await guarded.stop();
      }
    });
  });
});

/** A token as the registry verifies it: signed by the certificate that it carries. */
function issue({ certFile, keyFile }: Certificate, access: object): string {
  const pem = readFileSync(certFile, 'utf8');
  const x5c = [pem.replace(/-----[A-Z ]+-----|\s/g, '')];
  const seconds = Math.floor(Date.now() / 1_000);
  const claims = { iss: 'issuer', sub: 'k8sta', aud: 'sandbox', exp: seconds + 300, nbf: seconds - 10, iat: seconds };
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode({ typ: 'JWT', alg: 'ES256', x5c })}.${encode({ ...claims, jti: `${seconds}`, access: [access] })}`;
  const key = { key: createPrivateKey(readFileSync(keyFile)), dsaEncoding: 'ieee-p1363' } as const;
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

describe('the client of registries, with a stand-in', () => {
  it('follows the pages of a list on the same server only, and leaves out what cannot be a tag', async () => {
    let elsewhere = false;
    const pages: RequestListener = ({ url = '' }, response) => {
      const isFirst = !url.includes('last=');
      const next = elsewhere ? 'http://127.0.0.2/v2/' : '/v2/acme/app/tags/list?n=1000&last=b';
      if (isFirst) response.setHeader('link', `<${next}>; rel="next"`);
      response.setHeader('etag', '"one"');
      response.end(JSON.stringify({ name: 'acme/app', tags: isFirst ? ['a', 'b', 'no tag'] : ['c'] }));
    };
    await standIn(pages, async (host) => {
      // No ETag: it is that of one page.
      assert.deepEqual(await clientWith().tags(`${host}/acme/app`), { tags: ['a', 'b', 'c'] });
      elsewhere = true;
      await assert.rejects(clientWith().tags(`${host}/acme/app`), fails('RegistryAnswerInvalid', /another server/));
    });
  });

  it('does not read a list again that has not changed', async () => {
    const conditional: RequestListener = ({ headers }, response) => {
      response.setHeader('etag', '"one"');
      if (headers['if-none-match'] === '"one"') response.writeHead(304).end();
      else response.end(JSON.stringify({ tags: null }));
    };
    await standIn(conditional, async (host) => {
      assert.deepEqual(await clientWith().tags(`${host}/acme/app`), { tags: [], etag: '"one"' });
      assert.equal(await clientWith().tags(`${host}/acme/app`, '"one"'), 'unchanged');
    });
  });

  it('believes no endless, wrong or redirected answer, and says how long a busy registry wants it to wait', async () => {
    const answers: Record<string, RequestListener> = {
      endless: (_request, response) => response.end(`{"tags": ["${'x'.repeat(5 * 1024 * 1024)}"]}`),
      loop: ({ url = '' }, response) => {
        const { searchParams } = new URL(url, 'http://x');
        response.setHeader(
          'link',
          `</v2/loop/tags/list?last=${Number(searchParams.get('last') ?? 0) + 1}>; rel="next"`,
        );
        response.end('{"tags": []}');
      },
      wrong: (_request, response) => response.end('{"tags": "1.0.0"}'),
      moved: (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      busy: (_request, response) => response.writeHead(429, { 'retry-after': '7' }).end(),
      http: (_request, response) =>
        response.writeHead(401, { 'www-authenticate': 'Bearer realm="http://auth.example.com/token"' }).end(),
      busyTokens: ({ headers }, response) =>
        response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${headers.host}/v2/busy"` }).end(),
    };
    const listener: RequestListener = (request, response) => {
      const [, , name = ''] = (request.url ?? '').split(/[/?]/);
      answers[name]?.(request, response);
    };
    await standIn(listener, async (host) => {
      const rejects = (name: string, matches: (error: unknown) => boolean) =>
        assert.rejects(clientWith(login).tags(`${host}/${name}`), matches);
      await rejects('endless', fails('RegistryAnswerInvalid', /more than 4194304 bytes/));
      await rejects('loop', fails('TooManyTags'));
      await rejects('wrong', fails('RegistryAnswerInvalid', /answered 200 with something else/));
      await rejects('moved', fails('RegistryAnswerInvalid', /answered 302/));
      for (const name of ['busy', 'busyTokens']) {
        await rejects(name, (error) => fails('RegistryBusy')(error) && (error as RegistryFault).retryAfterMs === 7_000);
      }
      await rejects('http', fails('RegistryAnswerInvalid', /is not an https address/));
      await assert.rejects(clientWith(login).digest(`${host}/wrong`, '1.0.0'), fails('RegistryAnswerInvalid'));
    });
  });
});
