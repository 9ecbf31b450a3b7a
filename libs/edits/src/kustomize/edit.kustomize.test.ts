import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseImage } from '@k8sta/contracts';
import { parse } from 'yaml';
import { readKustomization } from './kustomization.js';

const golden = new URL('./golden/', import.meta.url);

/** The cases that say a tag or a digest in a place of their own; the others differ in how their text looks. */
const isBuilt = /^(a-plain-tag|the-new-name|a-pin-|newname-|newtag-|digest-known-|registry-)/;

const kustomize = [
  ['kustomize', 'build', 'version'],
  ['kubectl', 'kustomize', 'version'],
].find(([command = '', , version = '']) => spawnSync(command, [version, '--help']).status === 0);

/** What kustomize itself deploys of the edited files. */
describe('an edit, built by kustomize:', () => {
  let directory: string;

  before(async function () {
    // Neither kubectl nor kustomize is on PATH.
    if (!kustomize) this.skip();
    directory = await mkdtemp(join(tmpdir(), 'k8sta-kustomize-'));
  });
  after(() => directory && rm(directory, { recursive: true }));

  for (const name of readdirSync(golden).filter((each) => isBuilt.test(each))) {
    it(name.replaceAll('-', ' '), async () => {
      const read = (file: string) => readFileSync(new URL(`${name}/${file}`, golden), 'utf8');
      const { image } = JSON.parse(read('case.json'));
      const { entries } = readKustomization(read('after.yaml'), image);
      for (const entry of entries) {
        const { repository, tag, digest } = parseImage(await deployed(read('after.yaml'), entry.name));
        assert.ok([image.repository, ...(image.aliases ?? [])].includes(repository), repository);
        assert.equal(digest, digest && image.digest);
        if (tag !== undefined || digest === undefined) assert.equal(tag, image.tag);
      }
    });
  }

  it('appends newTag to a tag in newName, which is why an entry with both is refused', async () => {
    const text = 'images:\n- name: shop\n  newName: ghcr.io/acme/shop:1.0.0\n  newTag: 2.0.0\n';
    assert.equal(await deployed(text, 'shop'), 'ghcr.io/acme/shop:1.0.0:2.0.0');
  });

  it('still reads the imageTags of kustomize 1, which is why they are refused', async () => {
    assert.equal(await deployed('imageTags:\n- name: shop\n  newTag: 1.0.0\n', 'shop'), 'shop:1.0.0');
  });

  /** The image of a container that the manifests spell like this. */
  async function deployed(kustomization: string, spelled: string): Promise<string> {
    const { images, imageTags } = parse(kustomization, { schema: 'failsafe' });
    const files = {
      'kustomization.yaml': { resources: ['pod.yaml'], ...(images && { images }), ...(imageTags && { imageTags }) },
      'pod.yaml': {
        ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'shop' } },
        spec: { containers: [{ name: 'shop', image: spelled }] },
      },
    };
    for (const [file, content] of Object.entries(files))
      await writeFile(join(directory, file), JSON.stringify(content));
    const [command = '', verb = ''] = kustomize ?? [];
    const { stdout } = await promisify(execFile)(command, [verb, directory]);
    return parse(stdout).spec.containers[0].image;
  }
});
