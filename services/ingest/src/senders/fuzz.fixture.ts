import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { BusEvent } from '@k8sta/contracts';
import fc from 'fast-check';
import type { Answer } from '../answer.js';
import { UnprovenBodies } from '../body.js';
import { outcomes } from '../outcome.js';
import { receive } from '../receive.js';
import { tracksOf } from '../tracks.fixture.js';
import { senders } from './index.js';
import { named, prove } from './proven.fixture.js';
import { type AnyWebhook, anyWebhook } from './webhook.fixture.js';

const secret = 'a-secret-that-nobody-may-see';
const token = 'eyJhbGciOiJSUzI1NiJ9.valid.signature';
const receivedAt = new Date('2026-01-02T03:05:00Z');
const registries = new Map([['nexus/docker-hosted', 'registry.example.com:8082']]);
const repositories = ['ghcr.io/acme/storefront', 'quay.io/acme/storefront', 'acme.azurecr.io/acme/storefront'];

const tracks = tracksOf({
  tracks: [
    {
      name: 'storefront',
      images: repositories.map((repository) => ({ repository, tags: { pattern: '.' } })),
      stations: [{ name: 'dev', applications: ['storefront-dev'] }],
    },
  ],
});

/** What a request presents as its proof. */
const presents = fc.constantFrom('the secret', 'another secret', 'the signature of another body', 'nothing');
type Presents = 'the secret' | 'another secret' | 'the signature of another body' | 'nothing';

function requestOf({ sender, headers, bytes }: AnyWebhook, presented: Presents): IncomingMessage {
  const signed = presented === 'the signature of another body' ? Buffer.concat([bytes, Buffer.from(' ')]) : bytes;
  const by = presented === 'another secret' ? 'another-secret-of-somebody' : secret;
  const proven = prove(sender, by, signed, presented === 'the secret' ? token : 'a.b.c');
  const proof = presented === 'nothing' ? {} : proven.headers;
  const request = new IncomingMessage(new Socket());
  Object.assign(request, {
    ...{ url: presented === 'nothing' ? `/webhooks/${sender.name}` : proven.path, method: 'POST', httpVersion: '1.1' },
    headers: { ...headers, ...proof, host: 'x', 'content-length': String(bytes.length) },
  });
  request.push(bytes);
  request.push(null);
  return request;
}

/** The answer to this webhook, and what was stored because of it. */
async function post(webhook: AnyWebhook, presented: Presents): Promise<{ answer: Answer; stored: BusEvent[] }> {
  const stored: BusEvent[] = [];
  const answer = await receive(requestOf(webhook, presented), {
    senders,
    secrets: { of: async () => named(secret) },
    unprovenBodies: new UnprovenBodies(1024 * 1024),
    tokens: {
      verify: async (_proof, _lines, given) =>
        given === token
          ? { acceptedBy: 'test:1', issuer: 'https://issuer.example', subject: 'job' }
          : { refused: 'another token' },
    },
    tracks,
    registries,
    storage: {
      store: async (received, opened) => {
        stored.push(...(received ? [received] : []), ...opened);
        return new Map();
      },
    },
    judge: async (openings) => [...openings],
    now: () => receivedAt,
    bodyLimit: 256 * 1024,
  });
  return { answer, stored };
}

function check(
  { sender }: AnyWebhook,
  presented: Presents,
  { answer, stored }: Awaited<ReturnType<typeof post>>,
): void {
  const { status } = outcomes[answer.outcome];
  assert.ok(status < 500, `answered ${answer.outcome}`);
  const said = JSON.stringify([answer.body, answer.fields]);
  assert.ok(!said.includes(secret) && !said.includes(token), 'a secret is in the answer or the log');
  assert.ok(said.length < 16 * 1024, 'the answer is not bounded');
  if (!isProven(sender, presented)) {
    assert.deepEqual([status, stored], [404, []], 'a stranger is answered otherwise, or has stored something');
  }
  for (const event of stored) {
    if (event.type !== 'ticket.opened') continue;
    const { image, pushedAt } = event.data;
    assert.ok(repositories.includes(image.repository));
    assert.match(image.tag, /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/);
    assert.doesNotMatch(image.tag, /\.(sig|att|sbom)$/i);
    assert.ok(new Date(pushedAt) <= receivedAt, 'a push is later than its receipt');
  }
}

/** Only an HMAC is over the body; the token of the test is for nothing else. */
function isProven({ proof }: AnyWebhook['sender'], presented: Presents): boolean {
  if (presented !== 'the signature of another body') return presented === 'the secret';
  return proof.kind === 'pathSecret' || proof.kind === 'literalHeader';
}

export interface Fuzzed {
  /** How often each outcome was answered. A run without a Ticket tests nothing. */
  readonly outcomes: ReadonlyMap<string, number>;
}

/** Posts so many webhooks. Rejects with the smallest one that breaks a promise, and the seed to repeat it. */
export async function fuzz(runs: number, seed?: number): Promise<Fuzzed> {
  const counted = new Map<string, number>();
  const property = fc.asyncProperty(anyWebhook, presents, async (webhook, presented) => {
    const posted = await post(webhook, presented as Presents);
    const key = `${webhook.sender.name} ${posted.answer.outcome}`;
    counted.set(key, (counted.get(key) ?? 0) + 1);
    check(webhook, presented as Presents, posted);
  });
  await fc.assert(property, { numRuns: runs, ...(seed !== undefined && { seed }) });
  return { outcomes: counted };
}
