import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseImage } from '@k8sta/contracts';
import { parse } from 'yaml';
import { z } from 'zod';
import type { StationAnswer } from './answer.js';
import { parseCheckout } from './checkouts.js';
import { plan } from './plan.js';
import { World } from './world.fixture.js';

const layouts = fileURLToPath(new URL('./layouts/', import.meta.url));

/** What a Station's commit must do: the files, whose texts are in `expected`, or a pattern of why it is refused. */
const way = z.object({
  files: z.array(z.string()).optional(),
  refused: z.string().optional(),
  skipped: z.array(z.string()).default([]),
});
const caseSchema = z.object({
  image: z.string(),
  repositories: z.record(z.string(), z.string()),
  stations: z.array(way.extend({ station: z.string(), or: z.array(way).default([]) })),
});

/** Repositories as people have them, one folder each, with every byte of what each Station's commit must leave. */
describe('the plan for a repository like', () => {
  const world = new World();
  after(() => world.remove());

  for (const name of readdirSync(layouts).sort()) {
    it(name.replace(/^\d+-/, '').replaceAll('-', ' '), async () => {
      const folder = join(layouts, name);
      const { image, repositories, stations } = caseSchema.parse(
        parse(readFileSync(join(folder, 'case.yaml'), 'utf8')),
      );
      const { repository, tag, digest } = parseImage(image);
      const answer = await plan({
        image: { repository, tag: tag ?? '', ...(digest && { digest }) },
        tracks: [join(folder, 'tracks.yaml')],
        applications: [join(folder, 'applications.yaml')],
        checkouts: Object.entries(repositories).map(([url, part]) => {
          const checkout = world.repository(`${name}/${part}`, filesIn(join(folder, part)));
          for (const each of tagsIn(folder)) checkout.git('tag', each);
          return parseCheckout(`${url}=${checkout.directory}`);
        }),
      });
      const told = new Map(answer.tracks.flatMap((track) => track.stations).map((each) => [each.station, each]));
      for (const { station, or, ...first } of stations) {
        const found = told.get(station);
        assert.ok(found, station);
        const faults = [first, ...or].map((each, at) =>
          faultOf(found, each, join(folder, 'expected', suffixed(station, at))),
        );
        assert.ok(faults.includes(undefined), `${station}: ${faults.join(' -- or: ')}`);
      }
    });
  }
});

function suffixed(station: string, at: number): string {
  return at === 0 ? station : `${station}~${at + 1}`;
}

/** Undefined where the answer is as it must be. */
function faultOf(told: StationAnswer, wanted: z.output<typeof way>, expected: string): string | undefined {
  const done = new Set(['edited', 'unchanged']);
  const words = told.applications.filter(({ outcome }) => !done.has(outcome)).map(({ message = '' }) => message);
  if (wanted.refused !== undefined) {
    if (told.files.length > 0) return `edits ${told.files.map(({ path }) => path)}`;
    const pattern = new RegExp(wanted.refused, 'is');
    return [told.message ?? '', ...words].some((each) => pattern.test(each))
      ? undefined
      : `says ${words} ${told.message}`;
  }
  const skipped = told.applications
    .filter(({ outcome }) => outcome === 'skipped')
    .map(({ application }) => application);
  if (String(skipped) !== String(wanted.skipped.map((each) => `argocd/${each}`))) return `skips ${skipped}`;
  if (told.message !== undefined) return told.message;
  const files = Object.fromEntries(told.files.map(({ path, after }) => [path, after]));
  const texts = Object.fromEntries(
    (wanted.files ?? []).map((path) => [path, readFileSync(join(expected, path), 'utf8')]),
  );
  try {
    assert.deepEqual(files, texts);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function filesIn(directory: string): Record<string, Buffer> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    entries.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(directory.length + 1), readFileSync(path)];
    }),
  );
}

/** The Git tags that Applications follow. */
function tagsIn(folder: string): string[] {
  const text = readFileSync(join(folder, 'applications.yaml'), 'utf8');
  return [...new Set([...text.matchAll(/targetRevision: (v\d\S*)/g)].map(([, tag = '']) => tag))];
}
