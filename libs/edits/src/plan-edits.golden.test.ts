import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { imageOverrides, type PromotedApplication } from '@k8sta/contracts';
import { z } from 'zod';
import { planEdits } from './plan-edits.js';
import { treesOf } from './tree.fixture.js';

/** The Applications of a Station, and what becomes of each: or why nothing is committed. */
const caseSchema = z.strictObject({
  applications: z.array(
    z.strictObject({
      name: z.string(),
      path: z.string(),
      runs: z.array(z.string()).optional(),
      overrides: imageOverrides.optional(),
    }),
  ),
  protectedSources: z.array(z.strictObject({ name: z.string(), station: z.string(), path: z.string() })).default([]),
  outcomes: z.record(z.string(), z.string()).optional(),
  refused: z.string().optional(),
});

const golden = new URL('./golden/', import.meta.url);
const image = { repository: 'ghcr.io/acme/shop', tag: '2.0.0' };

/** Every folder is a case: the repository in `input`, and in `expected` the files that the commit changes. */
describe('a plan, by example:', () => {
  for (const name of readdirSync(golden).sort()) {
    it(name.replaceAll('-', ' '), async () => {
      const folder = new URL(`${name}/`, golden);
      const { applications, protectedSources, outcomes, refused } = caseSchema.parse(
        JSON.parse(readFileSync(new URL('case.json', folder), 'utf8')),
      );
      const wanted = {
        station: 'prod',
        applications: applications.map(({ path, overrides, ...each }) => ({
          ...{ namespace: 'argocd', image, ...each },
          sources: [{ type: 'Kustomize' as const, path, ...(overrides && { overrides }) }],
        })),
        protectedSources: protectedSources.map(({ path, ...each }) => ({
          namespace: 'argocd',
          ...each,
          source: { path },
        })),
      };
      const trees = treesOf(filesIn(new URL('input/', folder)));
      const edits = await planEdits(trees, wanted);
      // The parsed files are shared: the first plan must not have changed them.
      assert.deepEqual(await planEdits(trees, wanted), edits);
      if (refused !== undefined) {
        return assert.equal(edits.is === 'refused' ? `${edits.reason}: ${edits.message}` : edits.is, refused);
      }
      assert.ok(edits.is === 'planned', JSON.stringify(edits));
      assert.deepEqual(Object.fromEntries(edits.applications.map((each) => [each.name, spell(each)])), outcomes);
      assert.deepEqual(Object.fromEntries(edits.files), filesIn(new URL('expected/', folder)));
    });
  }
});

function spell({ outcome, file, alsoIn = [], before, after, message }: PromotedApplication): string {
  if (outcome === 'skipped') return `skipped: ${message}`;
  return `${outcome} ${[file, ...alsoIn.map((each) => each.file)].join(', ')}: ${before} -> ${after}`;
}

function filesIn(directory: URL): Record<string, string> {
  if (!existsSync(directory)) return {};
  return Object.fromEntries(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = `${entry.parentPath.replace(/\/?$/, '/')}${entry.name}`;
        return [path.slice(directory.pathname.length), readFileSync(path, 'utf8')];
      }),
  );
}
