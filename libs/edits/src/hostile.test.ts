import assert from 'node:assert/strict';
import type { EditSource } from '@k8sta/contracts';
import { planEdits } from './plan-edits.js';
import { treesOf } from './tree.fixture.js';

const image = { repository: 'ghcr.io/acme/shop', tag: '2.0.0' };
const kustomize = { type: 'Kustomize', path: 'dev' };
const helm = { type: 'Helm', path: 'dev' };
const directory = { type: 'Directory', path: 'dev' };

const chart = {
  'dev/Chart.yaml': 'name: shop',
  'dev/values.yaml': 'image: {repository: ghcr.io/acme/shop, tag: 1.0.0}\n',
};
const built = { 'dev/kustomization.yaml': 'resources: [a.yaml]\nimages: [{name: ghcr.io/acme/shop, newTag: 1.0.0}]\n' };

/** The outcome of the only Application, or why nothing is committed. */
async function outcome(files: Record<string, string>, source: EditSource, protectedSource?: EditSource) {
  const edits = await planEdits(treesOf(files), {
    station: 'dev',
    applications: [{ namespace: 'argocd', name: 'dev', sources: [source], image }],
    protectedSources: protectedSource ? [{ namespace: 'argocd', name: 'prod', source: protectedSource }] : [],
  });
  if (edits.is === 'refused') return `${edits.reason}: ${edits.message}`;
  return edits.is === 'planned' ? edits.applications[0]?.outcome : edits.is;
}

/** Each line has the one before twice. */
function doubled(lines: number): string {
  return Array.from(
    { length: lines },
    (_, at) => `a${at}: &a${at} ${at > 0 ? `[*a${at - 1}, *a${at - 1}]` : '[b]'}\n`,
  ).join('');
}

describe('a plan of files that are made to stop it', () => {
  const circle = 'a: &a {b: *a}\n';

  it('refuses an anchor that contains itself, and an alias without an anchor', async () => {
    const why = 'is not valid YAML: an alias is within its own anchor (line 1, column 11)';
    assert.equal(await outcome({ ...built, 'dev/a.yaml': circle }, kustomize), `FileInvalid: dev/a.yaml ${why}`);
    assert.equal(await outcome({ 'dev/a.yaml': circle }, directory), `FileInvalid: dev/a.yaml ${why}`);
    const values = circle + chart['dev/values.yaml'];
    assert.equal(await outcome({ ...chart, 'dev/values.yaml': values }, helm), `FileInvalid: dev/values.yaml ${why}`);
    assert.equal(
      await outcome({ 'dev/a.yaml': 'a: *hunter2' }, directory),
      'FileInvalid: dev/a.yaml is not valid YAML: an alias has no anchor (line 1, column 4)',
    );
  });

  it('says where a file is broken, and repeats none of its text, which may be a secret', async () => {
    assert.equal(
      await outcome({ ...chart, 'dev/values.yaml': 'password: |hunter2\n' }, helm),
      'FileInvalid: dev/values.yaml is not valid YAML: Block scalar header includes extra characters (line 1, column 12)',
    );
  });

  it('refuses a file that is nested too deeply', async () => {
    const why = 'FileInvalid: dev/values.yaml is nested too deeply to be read';
    for (const text of [
      `a: ${'['.repeat(50_000)}${']'.repeat(50_000)}`,
      '- '.repeat(1_000),
      `a: ${'{b: '.repeat(300)}`,
    ]) {
      assert.equal(await outcome({ ...chart, 'dev/values.yaml': text }, helm), why);
    }
  });

  it('is not hindered by them in an Application outside the Station', async () => {
    const files = { ...chart, 'prod/kustomization.yaml': `${circle}resources: [../dev]` };
    assert.equal(await outcome(files, helm, { type: 'Kustomize', path: 'prod' }), 'edited');
  });

  it('refuses aliases that multiply what a file says', async () => {
    for (const files of [{ 'dev/a.yaml': doubled(50) }, { ...built, 'dev/a.yaml': doubled(50) }]) {
      const source = 'dev/kustomization.yaml' in files ? kustomize : directory;
      assert.match(
        String(await outcome(files, source)),
        /^FileInvalid: dev\/a.yaml is nested .* or has too many aliases/,
      );
    }
    const values = { ...chart, 'dev/values.yaml': doubled(50) + chart['dev/values.yaml'] };
    assert.equal(await outcome(values, helm), 'FileInvalid: dev/values.yaml has too many aliases');
  });

  it('refuses a chart that has itself as a subchart very often', async () => {
    const dependencies = Array.from({ length: 100 }, (_, at) => `- {name: a${at}, repository: "file://."}\n`).join('');
    const files = { ...chart, 'dev/Chart.yaml': `name: shop\ndependencies:\n${dependencies}` };
    assert.equal(await outcome(files, helm), 'FileInvalid: dev has more than 1000 subcharts');
    const other = { ...files, 'prod/kustomization.yaml': 'images: [{name: ghcr.io/acme/shop, newTag: 1.0.0}]\n' };
    assert.equal(await outcome(other, { type: 'Kustomize', path: 'prod' }, helm), 'edited');
  });

  it('reads the templates of a chart in time that grows with their length', async () => {
    const start = performance.now();
    for (const template of [':a{{'.repeat(50_000), `{{ image }}${'.tag'.repeat(50_000)}`]) {
      assert.equal(await outcome({ ...chart, 'dev/templates/a.yaml': `image tag ${template}` }, helm), 'edited');
    }
    assert.ok(performance.now() - start < 10_000);
  });

  it('refuses a build that grows by aliases in many files', async () => {
    const files = { ...built, 'dev/kustomization.yaml': `resources: [${'a.yaml,'.repeat(50)}]` };
    assert.equal(
      await outcome({ ...files, 'dev/a.yaml': doubled(16) }, kustomize),
      'FileInvalid: dev/a.yaml makes a build that is too large',
    );
  });

  it('refuses a patch that copies an object into itself again and again', async () => {
    for (const [a, path, times, why] of [
      ['[b]', '/a/-', 22, 'makes a build that is too large'],
      ['{b: c}', '/a/b', 70, 'makes an object that is nested too deeply'],
    ] as const) {
      const files = {
        'dev/kustomization.yaml': 'resources: [a.yaml]\npatches: [{path: p.json, target: {kind: A}}]\n',
        'dev/a.yaml': `kind: A\na: ${a}\n`,
        'dev/p.json': JSON.stringify(Array(times).fill({ op: 'copy', from: '/a', path })),
      };
      assert.equal(await outcome(files, kustomize), `FileInvalid: dev/p.json ${why}`);
    }
  });

  it('matches globs of many wildcards with many long names at once', async () => {
    const start = performance.now();
    const names = Array.from({ length: 200 }, (_, at) => [`dev/${'a'.repeat(240)}${at}.yaml`, ''] as const);
    const [glob, files] = [`${'*a'.repeat(10)}*b.yaml`, Object.fromEntries(names)];
    await outcome({ ...chart, ...files }, { ...helm, valueFiles: [glob] });
    await outcome({ ...built, ...files }, { ...directory, directory: { recurse: true, include: glob } });
    assert.ok(performance.now() - start < 10_000);
  });

  it('reads a mapping of very many keys at once, and refuses one that occurs twice', async () => {
    const start = performance.now();
    const keys = Array.from({ length: 30_000 }, (_, at) => `a${at}: b\n`).join('');
    assert.equal(await outcome({ 'dev/a.yaml': keys }, directory), 'skipped');
    assert.equal(
      await outcome({ 'dev/a.yaml': `${keys}a7: b\n` }, directory),
      'FileInvalid: dev/a.yaml is not valid YAML: Map keys must be unique (line 30001, column 1)',
    );
    assert.ok(performance.now() - start < 15_000);
  });

  it('reads very many aliases of one value at once', async () => {
    const start = performance.now();
    assert.equal(await outcome({ 'dev/a.yaml': `a: &a b\nc: [${'*a,'.repeat(20_000)}]\n` }, directory), 'skipped');
    assert.ok(performance.now() - start < 10_000);
  });
});
