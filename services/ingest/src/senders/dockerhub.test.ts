import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { dockerHub } from './dockerhub.js';
import type { Headers } from './proof.js';

const captured = readFileSync(new URL('fixtures/dockerhub/push.json', import.meta.url));
const receivedAt = new Date('2026-01-02T03:05:00Z');
const json: Headers = { 'content-type': 'application/json' };

function read(body: unknown, headers = json) {
  const text = body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return dockerHub.read(headers, text, receivedAt);
}

function understood(body: unknown, headers = json) {
  const delivery = read(body, headers);
  assert.ok('pushes' in delivery, JSON.stringify(delivery));
  return delivery;
}

function refused(body: unknown, headers = json): string {
  const refusal = read(body, headers);
  assert.ok('refusal' in refusal, JSON.stringify(refusal));
  return `${refusal.refusal}: ${refusal.message}`;
}

function aPush(change: { tag?: unknown; pushed_at?: unknown; repository?: unknown } = {}) {
  const { repository = { repo_name: 'acme/storefront' }, ...push } = change;
  return { push_data: { tag: '1.4.2', pushed_at: 1767323045, ...push }, repository };
}

describe('Docker Hub', () => {
  it('reads a captured webhook', () => {
    assert.deepEqual(understood(captured).pushes, [
      {
        image: { repository: 'docker.io/acme/storefront', tag: '1.4.2' },
        pushedAt: new Date('2026-01-02T03:04:05Z'),
      },
    ]);
  });

  it('gives the same webhook the same id', () => {
    assert.equal(understood(captured).id, understood(captured).id);
    assert.notEqual(understood(aPush()).id, understood(captured).id);
  });

  it('keeps the body for replay, without the secret callback URL', () => {
    const { body } = understood(captured);
    const { callback_url, ...rest } = JSON.parse(captured.toString());
    assert.deepEqual(JSON.parse(body), rest);
    assert.match(callback_url, /2141b5bi5i5b02bec211i4eeih0242eg11000a/);
    assert.ok(!understood({ ...aPush(), deep: [{ callback_url }] }).body.includes(callback_url));
  });

  it('takes the repository from namespace and name if repo_name is absent, and normalises it', () => {
    const repositoryOf = (repository: object) => understood(aPush({ repository })).pushes[0]?.image.repository;
    assert.equal(repositoryOf({ namespace: 'Acme', name: 'App' }), 'docker.io/acme/app');
    assert.equal(repositoryOf({ repo_name: 'library/nginx', namespace: 'x', name: 'y' }), 'docker.io/library/nginx');
    assert.equal(repositoryOf({ repo_name: 'nginx' }), 'docker.io/library/nginx');
    assert.equal(
      repositoryOf({ repo_name: 'ghcr.io/acme/app' }),
      'docker.io/ghcr.io/acme/app',
      'is not another registry',
    );
  });

  it('uses the time of receipt if pushed_at cannot be a push time', () => {
    const at = (pushed_at: unknown) => understood(aPush({ pushed_at })).pushes[0]?.pushedAt.toISOString();
    const received = receivedAt.toISOString();
    const seconds = receivedAt.getTime() / 1000;
    assert.equal(at(1.417566161e9), '2014-12-03T00:22:41.000Z');
    assert.equal(at(seconds), received);
    const impossible = [
      seconds + 1,
      seconds + 290,
      0,
      -1,
      1262303999,
      seconds * 1000,
      1e300,
      '1767323045',
      null,
      {},
      undefined,
    ];
    for (const pushedAt of impossible) assert.equal(at(pushedAt), received, String(pushedAt));
  });

  it('says what is wrong and where', () => {
    const repository = 'repository: needs "repo_name", the name of a repository such as "acme/app"';
    assert.equal(refused(aPush({ repository: {} })), `invalid: ${repository}`);
    for (const repo_name of ['acme/app:1', `acme/app@sha256:${'a'.repeat(64)}`, '../x', '', 'a b', 'https://x/y']) {
      assert.equal(refused(aPush({ repository: { repo_name } })), `invalid: ${repository}`, repo_name);
    }
    assert.match(refused(aPush({ tag: '../../x' })), /^invalid: push_data.tag: must be an image tag/);
    assert.equal(
      refused({ push_data: {}, repository: 1 }),
      'invalid: push_data.tag: Invalid input: expected string, received undefined; repository: Invalid input: expected object, received number',
    );
    assert.match(refused('[]'), /^invalid: the body: /);
    assert.match(refused('{"push_data": '), /^unreadable: the body is not JSON in UTF-8 \(end of JSON input\)$/);
    assert.equal(refused('hunter2'), 'unreadable: the body is not JSON in UTF-8');
    assert.match(refused(''), /^unreadable: /);
    assert.match(refused(Uint8Array.of(0x22, 0xff, 0x22)), /^unreadable: /);
  });

  it('accepts only JSON, and only uncompressed', () => {
    understood(captured, { 'content-type': 'Application/JSON; charset=utf-8' });
    for (const type of [undefined, '', 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonp']) {
      assert.match(refused(captured, { 'content-type': type }), /^wrongContentType: /, type);
    }
    assert.match(refused(captured, { ...json, 'content-encoding': 'gzip' }), /^wrongEncoding: /);
  });

  it('refuses a body that is nested too deeply to be stored', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    assert.equal(
      refused(JSON.stringify(aPush()).replace('{', `{"x":${deep},`)),
      'invalid: the body is nested too deeply',
    );
  });

  it('never throws for any body, and every push names an image of Docker Hub', () => {
    const anything = fc.oneof(fc.jsonValue(), fc.constantFrom('acme/app', '1.0.0', '__proto__', ''));
    const near = fc.record(
      {
        push_data: fc.oneof(anything, fc.record({ tag: anything, pushed_at: anything }, { requiredKeys: [] })),
        repository: fc.oneof(
          anything,
          fc.record({ repo_name: anything, namespace: anything, name: anything }, { requiredKeys: [] }),
        ),
        callback_url: anything,
      },
      { requiredKeys: [] },
    );
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.string().map((text) => Buffer.from(text)),
      fc.oneof(anything, near).map((value) => Buffer.from(JSON.stringify(value) ?? '')),
    );
    fc.assert(
      fc.property(bytes, (body) => {
        const delivery = read(body);
        if (!('pushes' in delivery)) return;
        const [push] = delivery.pushes;
        assert.match(push?.image.repository ?? '', /^docker\.io\/[a-z0-9]/);
        assert.ok(!Number.isNaN(push?.pushedAt.getTime()));
      }),
      { numRuns: 1000 },
    );
  });
});
