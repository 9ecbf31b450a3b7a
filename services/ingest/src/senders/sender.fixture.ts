import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Headers } from './proof.js';
import type { Delivery, Registries, Sender } from './sender.js';

const folder = new URL('fixtures/', import.meta.url);

/** A webhook as a sender posts it: its headers without the proof, and its body. */
export interface Posted {
  readonly headers: Headers;
  readonly bytes: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: A test changes any part of it.
  readonly json: any;
}

/** `fixtures/<sender>/<name>.json`, with the headers in `<name>.headers.json` where they are not only the usual type. */
export function fixture(sender: string, name: string): Posted {
  const headers = new URL(`${sender}/${name}.headers.json`, folder);
  const bytes = readFileSync(new URL(`${sender}/${name}.json`, folder));
  return {
    headers: existsSync(headers) ? JSON.parse(readFileSync(headers, 'utf8')) : { 'content-type': 'application/json' },
    bytes,
    json: JSON.parse(bytes.toString()),
  };
}

export function fixturesOf(sender: string): string[] {
  const names = readdirSync(new URL(`${sender}/`, folder));
  return names.filter((name) => !name.endsWith('.headers.json')).map((name) => name.replace(/\.json$/, ''));
}

export const sendersWithFixtures = readdirSync(folder).sort();

/** The digest in the fixtures. */
export const digest = 'sha256:6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b';

/** When the images of the fixtures were pushed, and when their webhooks are received. */
export const pushedAt = new Date('2026-01-02T03:04:05Z');
export const receivedAt = new Date('2026-01-02T03:05:00Z');

/** Reads the fixtures of a sender, and changed ones. */
export function readerOf(sender: Sender, registries?: Registries) {
  const read = (posted: string | { json: unknown; headers?: Headers }) => {
    if (typeof posted === 'string') {
      const { headers, bytes } = fixture(sender.name, posted);
      return sender.read(headers, bytes, receivedAt, registries);
    }
    const { json, headers = { 'content-type': 'application/json' } } = posted;
    return sender.read(headers, Buffer.from(JSON.stringify(json)), receivedAt, registries);
  };
  const understood = (posted: Parameters<typeof read>[0]): Delivery => {
    const delivery = read(posted);
    assert.ok('pushes' in delivery, JSON.stringify(delivery));
    return delivery;
  };
  return {
    read,
    understood,
    /** The images, as people write them. */
    images(posted: Parameters<typeof read>[0]): string[] {
      const { pushes } = understood(posted);
      return pushes.map(({ image: { repository, tag, digest: resolved } }) => {
        return `${repository}:${tag}${resolved ? `@${resolved}` : ''}`;
      });
    },
    ignored(posted: Parameters<typeof read>[0]): string {
      const delivery = read(posted);
      assert.ok('ignored' in delivery, JSON.stringify(delivery));
      return delivery.ignored;
    },
    refused(posted: Parameters<typeof read>[0]): string {
      const delivery = read(posted);
      assert.ok('refusal' in delivery, JSON.stringify(delivery));
      return `${delivery.refusal}: ${delivery.message}`;
    },
  };
}
