import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { ForgeProvider } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import type { Headers } from '../senders/proof.js';
import { tracksOf } from '../tracks.fixture.js';
import type { Forge } from './forge.js';

const folder = new URL('fixtures/', import.meta.url);

/** A webhook as a forge posts it: its headers without the proof, and its body. */
export interface PostedByForge {
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

/** `fixtures/<forge>/<name>.json`, with the headers in `<name>.headers.json`. */
export function forgeFixture(forge: ForgeProvider, name: string): PostedByForge {
  const headers = readFileSync(new URL(`${forge}/${name}.headers.json`, folder), 'utf8');
  return { headers: JSON.parse(headers), bytes: readFileSync(new URL(`${forge}/${name}.json`, folder)) };
}

export function forgeFixturesOf(forge: ForgeProvider): string[] {
  const names = readdirSync(new URL(`${forge}/`, folder));
  return names.filter((name) => !name.endsWith('.headers.json')).map((name) => name.replace(/\.json$/, ''));
}

/** The header that proves the forge. */
export function proofOf({ proof }: Forge, secret: string, bytes: Uint8Array): Record<string, string> {
  if (proof.kind === 'literalHeader') return { [proof.header]: secret };
  assert.ok(proof.kind === 'hmac');
  return { [proof.header]: proof.prefix + createHmac(proof.algorithm, secret).update(bytes).digest(proof.encoding) };
}

/** What the forge says in the fixture: each mention in a few words, or why there is none. */
export function sayer(forge: Forge) {
  const read = (headers: Headers, bytes: Uint8Array): string[] => {
    const heard = forge.read(headers, bytes);
    if ('refusal' in heard) return [`${heard.refusal}: ${heard.message}`];
    if ('ignored' in heard) return [heard.ignored];
    return heard.mentions.map(({ what, branch, repository, number, by, isOfFork }) =>
      [what, branch, isOfFork ? 'of a fork of' : 'of', repository, number, by]
        .filter((each) => each !== undefined)
        .join(' '),
    );
  };
  return {
    says(name: string): string[] {
      const { headers, bytes } = forgeFixture(forge.name, name);
      return read(headers, bytes);
    },
    saysOf(json: unknown): string[] {
      return read({ 'content-type': 'application/json' }, Buffer.from(JSON.stringify(json)));
    },
  };
}

export const ourBranch = 'k8sta/storefront/prod/0123456789abcdef';

/** A Track whose Station `prod` is written by pull request, and `dev` by plain commits. */
export const proposingTracks: readonly Track[] = readTracks();

function readTracks(): readonly Track[] {
  const stations = ['dev', 'prod'].map((name) => ({ name, applications: [name] }));
  const written = { name: 'storefront', images: [{ repository: 'acme/storefront' }], stations };
  return tracksOf({ tracks: [written] }).map((track) => ({
    ...track,
    stations: track.stations.map((station) =>
      station.name === 'prod' ? { ...station, write: { pullRequest: { merge: 'byPeople' as const } } } : station,
    ),
  }));
}
