import fc from 'fast-check';
import { senders } from './index.js';
import type { Headers } from './proof.js';
import { fixture, fixturesOf } from './sender.fixture.js';
import type { Sender } from './sender.js';

/** A webhook that a stranger or a broken sender might post. */
export interface AnyWebhook {
  readonly sender: Sender;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

const words = [
  ...[
    '',
    ':',
    '@',
    '/',
    '..',
    'latest',
    '1.4.2',
    'sha256-0.sig',
    `sha256:${'0'.repeat(64)}`,
    'ghcr.io/acme/app',
    'push',
  ],
  ...['localhost:5000/x', 'PUSH', 'pkg:oci/x?tag=1&repository_url=a.b/c', 'https://x/y', '__proto__', 'constructor'],
  ...[
    'a'.repeat(300),
    '\u0000',
    '\ud800',
    '9999-12-31T23:59:59Z',
    '2026-01-02T03:04:05+99:99',
    'eyJhY3Rpb24iOiJJTlNFUlQifQ==',
  ],
];

const value = fc.oneof(
  fc.constantFrom<unknown>(...words, null, true, 0, -1, 1e308, [], {}),
  fc.string({ maxLength: 20 }),
  fc.double(),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Changes some places of a webhook that the sender really posts: most of it stays as the sender posts it. */
export const edits = fc.array(
  fc.record({ at: fc.nat(), how: fc.constantFrom('replace', 'remove', 'repeat', 'add', 'postpone'), value }),
  {
    maxLength: 4,
  },
);

export type Edit = Parameters<typeof edit>[1];

export function edit(json: unknown, { at, how, value: put }: { at: number; how: string; value: unknown }): unknown {
  const places = placesOf(json);
  const place = places[at % (places.length + 1)];
  if (!place) return put;
  const { parent, key } = place;
  if (how === 'postpone') postpone(places);
  else if (how === 'remove') Reflect.deleteProperty(parent, key);
  else if (how === 'repeat' && Array.isArray(parent)) parent.push(structuredClone(parent[Number(key)]));
  else if (how === 'add')
    Object.defineProperty(
      parent,
      Array.isArray(parent) ? parent.length : typeof put === 'string' ? put : 'more',
      own(put),
    );
  else Object.defineProperty(parent, key, own(put));
  return json;
}

/** Sets every time to one that has not come. */
function postpone(places: readonly { parent: object; key: string }[]): void {
  for (const { parent, key } of places.filter(({ key }) => /time|_at$/i.test(key))) {
    const isNumber = typeof Reflect.get(parent, key) === 'number';
    Object.defineProperty(parent, key, own(isNumber ? 9e9 : '9999-12-31T23:59:59Z'));
  }
}

/** As JSON.parse sets it: `__proto__` is a key like any other. */
function own(put: unknown): PropertyDescriptor {
  return { value: put, enumerable: true, writable: true, configurable: true };
}

function placesOf(json: unknown): { parent: object; key: string }[] {
  if (json === null || typeof json !== 'object') return [];
  return Object.entries(json).flatMap(([key, child]) => [{ parent: json, key }, ...placesOf(child)]);
}

const fixtures = senders.flatMap((sender) =>
  fixturesOf(sender.name).map((name) => ({ sender, ...fixture(sender.name, name) })),
);

const contentTypes = [
  ...['application/json', 'application/cloudevents+json', 'application/x-www-form-urlencoded', 'text/plain'],
  ...['application/vnd.docker.distribution.events.v2+json', '', 'image/png'],
];

function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 19, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

/** Webhooks near those that the senders post, and some that are far from them. */
export const anyWebhook: fc.Arbitrary<AnyWebhook> = fc
  .record({
    posted: fc.constantFrom(...fixtures),
    edits,
    /** Another sender than the one that posts such a body. */
    as: seldom(fc.constantFrom(...senders)),
    contentType: seldom(fc.constantFrom(...contentTypes)),
    raw: seldom(fc.uint8Array({ maxLength: 64 })),
    cut: seldom(fc.nat()),
  })
  .map(({ posted, edits: all, as, contentType, raw, cut }) => {
    const json = all.reduce((json: unknown, each: Edit) => edit(json, each), structuredClone(posted.json));
    const bytes = raw ?? Buffer.from(JSON.stringify(json) ?? '');
    return {
      sender: as ?? posted.sender,
      headers: { ...posted.headers, ...(contentType !== undefined && { 'content-type': contentType }) },
      bytes: cut === undefined ? bytes : bytes.subarray(0, cut % (bytes.length + 1)),
    };
  });
