import assert from 'node:assert/strict';
import { freePort } from '@k8sta/sandbox';
import { Visitor } from '../http/visitor.fixture.js';
import { type Board, startWorld, type World } from '../world.fixture.js';
import { signInAs, startIssuer, type TestIssuer } from './issuer.fixture.js';

const roles = `roles:
- {groups: [shop], tracks: [store*], may: [approve, pause, resume]}
- {people: [root@example.com], tracks: ["*"], may: everything}
`;
const words = ({ words: said }: World) => said.map(({ verb, track, by, message }) => ({ verb, track, by, message }));

/** Says a word as the page does, with these headers in addition. */
function sayOn(board: Board, verb: string, word: object, headers: Record<string, string> = {}) {
  return {
    url: `${board.url}/api/say/${verb}`,
    init: {
      method: 'POST',
      body: JSON.stringify(word),
      headers: { 'content-type': 'application/json', origin: board.url, ...headers },
    },
  };
}

describe('the board behind an authenticating proxy', () => {
  let world: World;
  let board: Board;
  const say = async (verb: string, word: object, headers: Record<string, string>) => {
    const { url, init } = sayOn(board, verb, word, headers);
    const response = await fetch(url, init);
    return { status: response.status, ...((await response.json()) as { reason?: string; message?: string }) };
  };
  const alice = { 'x-forwarded-user': 'alice@example.com', 'x-forwarded-groups': 'staff, shop' };
  const approval = { track: 'storefront', ticket: 't142', station: 'prod', id: 'once' };

  before(async () => {
    world = await startWorld();
    const port = String(await freePort());
    board = await world.board({
      ...{ K8STA_HTTP_PORT: port, K8STA_BOARD_URL: `http://127.0.0.1:${port}` },
      ...{ K8STA_BOARD_PROXY_ADDRESSES: '127.0.0.0/8', K8STA_BOARD_ROLES: await world.file('roles.yaml', roles) },
    });
  });
  after(() => world?.stop());
  beforeEach(() => world.words.splice(0));

  it("puts a word on the bus in the person's name, and once if it is repeated", async () => {
    assert.equal((await say('approve', approval, alice)).status, 200);
    assert.equal((await say('approve', approval, alice)).status, 200);
    assert.deepEqual(words(world), [
      { verb: 'approve', track: 'storefront', by: 'alice@example.com', message: undefined },
    ]);
  });

  it('refuses a person without the role, on that Track or for that word', async () => {
    const reason = { message: 'because' };
    assert.equal((await say('pause', { track: 'payments', ...reason }, alice)).reason, 'RoleMissing');
    assert.equal(
      (await say('cancel', { track: 'storefront', ticket: 't142', ...reason }, alice)).reason,
      'RoleMissing',
    );
    assert.equal((await say('pause', reason, alice)).reason, 'RoleMissing', 'every Track needs a role on every Track');
    assert.deepEqual(words(world), []);
    const root = { 'x-forwarded-user': 'root@example.com' };
    assert.equal((await say('pause', reason, root)).status, 200);
  });

  it('refuses what another site sends, and nobody', async () => {
    const evil = { ...alice, origin: 'https://evil.example' };
    assert.equal((await say('approve', approval, evil)).reason, 'OriginRefused');
    assert.equal(
      (await say('approve', approval, { ...alice, 'sec-fetch-site': 'cross-site' })).reason,
      'OriginRefused',
    );
    assert.equal((await say('approve', approval, { ...alice, 'content-type': 'text/plain' })).reason, 'OriginRefused');
    assert.equal((await say('approve', approval, {})).reason, 'SignInRequired');
    assert.deepEqual(words(world), []);
  });

  it('lets nobody name the person, leave out the reason, or send anything else', async () => {
    for (const word of [
      { ...approval, onBehalfOf: 'root@example.com' },
      { ticket: 't142', station: 'prod' },
      { ...approval, surprise: true },
    ]) {
      assert.equal((await say('approve', word, alice)).reason, 'RequestInvalid', JSON.stringify(word));
    }
    assert.equal((await say('pause', { track: 'storefront' }, alice)).reason, 'RequestInvalid');
    assert.equal(
      (await say('pause', { track: 'storefront', message: 'x'.repeat(20_000) }, alice)).reason,
      'RequestInvalid',
    );
    assert.deepEqual(words(world), []);
  });

  it("passes on the tracker's refusal", async () => {
    const refused = await say('approve', { ...approval, ticket: 'gone' }, alice);
    assert.deepEqual([refused.status, refused.reason, refused.message], [409, 'TicketOver', 'the Ticket has ended']);
  });
});

describe('the board with an OpenID Connect issuer', () => {
  let world: World;
  let issuer: TestIssuer;
  let board: Board;
  const me = async (visitor: Visitor, track = '') =>
    (await visitor.fetch(`${board.url}/api/me?track=${track}`)).json() as Promise<{ name?: string; may: string[] }>;

  before(async () => {
    world = await startWorld();
    const port = String(await freePort());
    const url = `http://127.0.0.1:${port}`;
    issuer = await startIssuer(`${url}/auth/callback`, { alice: ['shop', 'staff'], bob: ['staff'] });
    board = await world.board({
      ...{ K8STA_HTTP_PORT: port, K8STA_BOARD_URL: url, K8STA_BOARD_READ: 'signedIn' },
      ...{ K8STA_BOARD_ROLES: await world.file('roles.yaml', roles) },
      ...{ K8STA_OIDC_ISSUER: issuer.url, K8STA_OIDC_CLIENT_ID: issuer.clientId },
      K8STA_OIDC_CLIENT_SECRET_FILE: await world.file('secret', issuer.clientSecret),
      K8STA_OIDC_SCOPES: 'openid email groups',
      K8STA_BOARD_SESSION_KEY_FILE: await world.file('key', 'k'.repeat(48)),
    });
  });
  after(async () => {
    await world?.stop();
    await issuer?.stop();
  });

  it('signs a person in, leads them back, and puts their approval on the bus in their name', async () => {
    const visitor = new Visitor();
    assert.equal((await visitor.fetch(`${board.url}/api/tracks`)).status, 401, 'only those who are signed in may look');
    const { url } = await signInAs(visitor, board.url, 'alice', '/tracks/storefront');
    assert.equal(url, `${board.url}/tracks/storefront`);
    const { name, may } = await me(visitor, 'storefront');
    assert.deepEqual([name, may], ['alice@example.com', ['approve', 'pause', 'resume']]);
    assert.equal((await visitor.fetch(`${board.url}/api/tracks`)).status, 200);
    const said = sayOn(board, 'approve', { track: 'storefront', ticket: 't142', station: 'prod', id: 'a' });
    assert.equal((await visitor.fetch(said.url, said.init)).status, 200);
    assert.deepEqual(words(world), [
      { verb: 'approve', track: 'storefront', by: 'alice@example.com', message: undefined },
    ]);
  });

  it('shows nothing to a stranger, however the path is spelled', async () => {
    for (const path of ['/api/tracks/', '/API/tracks', '/Api/Tracks/storefront', '/api/search?q=storefront'])
      assert.doesNotMatch(await (await fetch(board.url + path)).text(), /"stations"/, path);
  });

  it('refuses a person without the role', async () => {
    const visitor = new Visitor();
    await signInAs(visitor, board.url, 'bob');
    assert.deepEqual((await me(visitor, 'storefront')).may, []);
    const said = sayOn(board, 'approve', { track: 'storefront', ticket: 't142', station: 'prod', id: 'b' });
    assert.equal((await visitor.fetch(said.url, said.init)).status, 403);
    assert.equal(words(world).length, 1);
  });

  it('signs out, and signs nobody in whose address is not confirmed', async () => {
    const visitor = new Visitor();
    await signInAs(visitor, board.url, 'alice');
    const init = { method: 'POST', headers: { 'content-type': 'application/json', origin: board.url } };
    assert.equal((await visitor.fetch(`${board.url}/auth/sign-out`, init)).status, 204);
    assert.equal((await me(visitor)).name, undefined);
    const { response } = await signInAs(new Visitor(), board.url, 'mallory');
    assert.equal(response.status, 403);
  });

  it('accepts no callback that it did not begin, no forged cookie, and leads to no other host', async () => {
    const stranger = await new Visitor().fetch(`${board.url}/auth/callback?code=a&state=b`);
    assert.equal(stranger.status, 403);
    const headers = { cookie: 'k8sta-session=eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..a.b.c' };
    const forged = await fetch(`${board.url}/api/me`, { headers });
    assert.equal(((await forged.json()) as { name?: string }).name, undefined);
    const { url } = await signInAs(new Visitor(), board.url, 'alice', '//evil.example/x');
    assert.equal(url, `${board.url}/`);
  });

  it('sets cookies that only its own host receives, over https, behind a proxy that ends TLS', async () => {
    const secure = await world.board({
      ...{ K8STA_BOARD_URL: 'https://board.example.com', K8STA_OIDC_CLIENT_ID: issuer.clientId },
      ...{ K8STA_OIDC_ISSUER: issuer.url, K8STA_BOARD_SESSION_KEY_FILE: await world.file('key', 'k'.repeat(48)) },
    });
    const started = await fetch(`${secure.url}/auth/sign-in`, { redirect: 'manual' });
    const [cookie = ''] = started.headers.getSetCookie();
    assert.match(cookie, /^__Host-k8sta-sign-in=.*; path=\/;.*; secure; httponly$/i);
    assert.match(
      started.headers.get('location') ?? '',
      /redirect_uri=https%3A%2F%2Fboard\.example\.com%2Fauth%2Fcallback/,
    );
    assert.equal((await fetch(`${secure.url}/auth/callback?code=a&state=b`)).status, 403);
    assert.match(started.headers.get('strict-transport-security') ?? '', /max-age/);
  });

  it('sets cookies that no script reads and no other site sends', async () => {
    const response = await fetch(`${board.url}/auth/sign-in`, { redirect: 'manual' });
    const [cookie = ''] = response.headers.getSetCookie();
    assert.match(cookie, /^k8sta-sign-in=.*; path=\/.*; samesite=lax; httponly$/i);
  });
});
