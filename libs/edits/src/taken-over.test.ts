import assert from 'node:assert/strict';
import type { Application } from './part.js';
import { planEdits } from './plan-edits.js';
import { treesOf } from './tree.fixture.js';

const repository = 'ghcr.io/acme/storefront';
const file = 'dev/kustomization.yaml';
const [good, bad] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];

/** A kustomization with one entry. */
function entry(fields: string, name = repository): string {
  return `images:\n- name: ${name}\n  ${fields}\n`;
}

/** What a rollback from 1.4.2 to 1.4.1 makes of these files: the edited file, or what the files named instead. */
async function rollback(files: Record<string, string>, change: Partial<Application> = {}): Promise<string> {
  const edits = await planEdits(treesOf(files), {
    station: 'dev',
    applications: [
      {
        ...{ namespace: 'argocd', name: 'dev', sources: [{ path: 'dev', type: 'Kustomize' }] },
        image: { repository, tag: '1.4.1', aliases: ['mirror.example.com/storefront'] },
        replaces: `${repository}:1.4.2`,
        ...change,
      },
    ],
    protectedSources: [],
  });
  if (edits.is === 'changed') return `changed ${edits.place?.file}: ${edits.now}`;
  if (edits.is === 'refused') return `${edits.reason}: ${edits.message}`;
  return edits.files.get(file) ?? `${edits.applications[0]?.outcome}`;
}

describe('a plan of a rollback', () => {
  it('edits a place that names the failed image', async () => {
    assert.equal(await rollback({ [file]: entry('newTag: 1.4.2') }), entry('newTag: 1.4.1'));
  });

  it('changes nothing where the files name the earlier image already', async () => {
    assert.equal(await rollback({ [file]: entry('newTag: 1.4.1') }), 'unchanged');
  });

  it('detects that the files name another image, or another digest', async () => {
    assert.equal(await rollback({ [file]: entry('newTag: 1.3.0') }), `changed ${file}: ${repository}:1.3.0`);
    assert.equal(
      await rollback({ [file]: entry(`digest: ${good}`) }, { replaces: `${repository}:1.4.2@${bad}` }),
      `changed ${file}: ${repository}@${good}`,
    );
    assert.match(await rollback({ [file]: entry(`digest: ${bad}`) }), /^changed /);
  });

  it('knows the failed image by its digest, and pins the earlier one', async () => {
    const image = { repository, tag: '1.4.1', digest: good };
    const replaces = `${repository}:1.4.2@${bad}`;
    const pinned = { [file]: entry(`digest: ${bad.toUpperCase().replace('SHA', 'sha')}`) };
    assert.equal(await rollback(pinned, { image, replaces }), entry(`digest: ${good}`));
    assert.equal(await rollback({ [file]: entry('newTag: 1.4.2') }, { image, replaces }), entry('newTag: 1.4.1'));
  });

  it('knows the failed image under an alias and in another spelling', async () => {
    const mirrored = (tag: string) => entry(`newName: mirror.example.com/storefront\n  newTag: ${tag}`);
    assert.equal(await rollback({ [file]: mirrored('1.4.2') }), mirrored('1.4.1'));
    const hub = { image: { repository: 'docker.io/library/web', tag: '1' }, replaces: 'index.docker.io/library/web:2' };
    assert.equal(await rollback({ [file]: entry('newTag: "2"', 'web') }, hub), entry('newTag: "1"', 'web'));
  });

  it('detects that one of two places names another image', async () => {
    const files = {
      'dev/kustomization.yaml': 'resources: [../a, ../b]\n',
      'a/kustomization.yaml': entry('newTag: 1.4.2'),
      'b/kustomization.yaml': entry('newTag: 1.3.0'),
    };
    assert.equal(await rollback(files), `changed b/kustomization.yaml: ${repository}:1.3.0`);
  });

  it('detects that nothing names the image that still runs', async () => {
    const runs = [`${repository}:1.4.2`];
    assert.equal(await rollback({ [file]: 'images: []\n' }, { runs }), 'changed undefined: nothing');
    const remote = 'resources: [https://github.com/acme/base?ref=v1]\n';
    assert.equal(await rollback({ [file]: remote }, { runs }), 'changed undefined: nothing');
    assert.equal(await rollback({ 'other/x': '' }, { runs }), 'changed undefined: nothing');
  });

  it('skips an Application that neither names nor runs the image', async () => {
    assert.equal(await rollback({ [file]: 'images: []\n' }, { runs: [] }), 'skipped');
  });
});
