import assert from 'node:assert/strict';
import type { EditSource } from '@k8sta/contracts';
import { FileInvalid, PathMissing } from '../file-invalid.js';
import { link, treesOf } from '../tree.fixture.js';
import { kustomizeRenderer } from './renderer.js';
import { base, deployment, entry, type Files, overlay, render, shop, uses } from './rendering.fixture.js';

const digest = `sha256:${'a'.repeat(64)}`;

describe('a rendering of kustomize', () => {
  const rules: [rule: string, files: Files, expected: string[]][] = [
    [
      'takes a literal from the manifest, and offers an entry in each kustomization above it, that of the Application first',
      { ...base(`${shop}:1`), 'prod/kustomization.yaml': overlay },
      [`${shop}:1 <- base/deployment.yaml(manifest), prod/kustomization.yaml+${shop}, base/kustomization.yaml+${shop}`],
    ],
    [
      'takes the last entry that sets the tag',
      { ...base(shop, entry(shop, '1')), 'prod/kustomization.yaml': overlay + entry(shop, '2') },
      [`${shop}:2 <- prod/kustomization.yaml`],
    ],
    [
      'offers nothing below an entry that sets the tag',
      { ...base(`${shop}:0`, entry(shop, '1')), 'prod/kustomization.yaml': overlay },
      [`${shop}:1 <- base/kustomization.yaml, prod/kustomization.yaml+${shop}`],
    ],
    [
      'offers the entry that only renames first, then what sets the tag',
      { ...base('shop:1'), 'prod/kustomization.yaml': `${overlay}images:\n- name: shop\n  newName: ${shop}\n` },
      [`${shop}:1 <- prod/kustomization.yaml, base/deployment.yaml(manifest), base/kustomization.yaml+shop`],
    ],
    [
      'spells an insertion as the image reaches that file',
      { ...base('shop', entry('shop', '1', shop)), 'prod/kustomization.yaml': overlay },
      [`${shop}:1 <- base/kustomization.yaml, prod/kustomization.yaml+${shop}`],
    ],
    [
      'keeps the pin in the spelling, so that an inserted entry has one too',
      { ...base(`${shop}@${digest}`), 'prod/kustomization.yaml': overlay },
      [
        `${shop}@${digest} <- base/deployment.yaml(manifest), prod/kustomization.yaml+${shop}@${digest}, base/kustomization.yaml+${shop}@${digest}`,
      ],
    ],
    [
      'matches the name as it is written, and not its meaning',
      { ...base('docker.io/acme/shop:1'), 'prod/kustomization.yaml': overlay + entry('acme/shop', '2') },
      [
        'docker.io/acme/shop:1 <- base/deployment.yaml(manifest), prod/kustomization.yaml[docker.io/acme/shop]+docker.io/acme/shop, base/kustomization.yaml+docker.io/acme/shop',
      ],
    ],
    [
      'names the entry where another one for the image has no effect',
      {
        ...base('docker.io/acme/shop'),
        'prod/kustomization.yaml': `${overlay}${entry('acme/shop', '2')}- name: docker.io/acme/shop\n  newTag: "1"\n`,
      },
      ['docker.io/acme/shop:1 <- prod/kustomization.yaml[docker.io/acme/shop]'],
    ],
    [
      'applies a component after the bases and before the entries of the overlay',
      {
        ...base(shop),
        'prod/kustomization.yaml': `${overlay}components: [../part]\n`,
        'part/kustomization.yaml': `kind: Component\n${entry(shop, '3')}`,
      },
      [`${shop}:3 <- part/kustomization.yaml, prod/kustomization.yaml+${shop}`],
    ],
    [
      'takes an image from a strategic merge patch, which comes before the entries of its file',
      {
        ...base(`${shop}:1`),
        'prod/kustomization.yaml': `${overlay}patches: [{path: image.yaml}]\n`,
        'prod/image.yaml': deployment(`${shop}:2`),
      },
      [`${shop}:2 <- prod/image.yaml(manifest), prod/kustomization.yaml+${shop}`],
    ],
    [
      'offers only an entry for an image of an inline patch',
      {
        ...base(`${shop}:1`),
        'prod/kustomization.yaml': `${overlay}patchesStrategicMerge:\n- |\n  ${deployment(`${shop}:2`).replaceAll('\n', '\n  ')}\n`,
      },
      [`${shop}:2 <- prod/kustomization.yaml+${shop}`],
    ],
    [
      'takes an image from a JSON patch, by the place of its value',
      {
        ...base(`${shop}:1`),
        'prod/kustomization.yaml': `${overlay}patches: [{path: image.yaml, target: {kind: Deploy.*}}]\n`,
        'prod/image.yaml': `- {op: replace, path: /spec/template/spec/containers/0/image, value: "${shop}:2"}\n`,
      },
      [`${shop}:2 <- prod/image.yaml(value), prod/kustomization.yaml+${shop}`],
    ],
    [
      'puts containers that a patch adds before the others',
      {
        ...base(`${shop}:1`),
        'prod/kustomization.yaml': `${overlay}patches: [{path: image.yaml}]\n`,
        'prod/image.yaml': deployment('redis:7').replace('- name: shop', '- name: cache'),
      },
      [
        'redis:7 <- prod/image.yaml(manifest), prod/kustomization.yaml+redis',
        `${shop}:1 <- base/deployment.yaml(manifest), prod/kustomization.yaml+${shop}, base/kustomization.yaml+${shop}`,
      ],
    ],
    [
      'finds the object of a patch by the name that a prefix gave it',
      {
        ...base(`${shop}:1`, 'namePrefix: my-\n'),
        'prod/kustomization.yaml': `${overlay}patches: [{path: image.yaml}]\n`,
        'prod/image.yaml': deployment(`${shop}:2`).replace('name: shop', 'name: my-shop'),
      },
      [`${shop}:2 <- prod/image.yaml(manifest), prod/kustomization.yaml+${shop}`],
    ],
    [
      'does not apply entries to ephemeral containers, as kustomize does not',
      {
        'prod/kustomization.yaml': `resources: [pod.yaml]\n${entry(shop, '2')}`,
        'prod/pod.yaml': deployment(`${shop}:1`).replace('containers:', 'ephemeralContainers:'),
      },
      [`${shop}:1 <- prod/pod.yaml(manifest)`],
    ],
    [
      'does not apply entries to a CustomResourceDefinition, as kustomize does not',
      {
        'prod/kustomization.yaml': `resources: [crd.yaml]\n${entry(shop, '2')}`,
        'prod/crd.yaml': deployment(`${shop}:1`).replace('Deployment', 'CustomResourceDefinition'),
      },
      [`${shop}:1 <- prod/crd.yaml(manifest)`],
    ],
    [
      'takes an entry for a use where nothing that is visible has the image, the outermost one',
      { 'prod/kustomization.yaml': overlay + entry(shop, '2'), 'base/kustomization.yaml': entry(shop, '1') },
      [`${shop}:2 <- prod/kustomization.yaml`],
    ],
    [
      'takes no entry without effect for a use where a container has the image',
      { ...base(`${shop}:1`), 'prod/kustomization.yaml': `${overlay}images:\n- name: other\n  newName: ${shop}\n` },
      [
        `${shop}:1 <- base/deployment.yaml(manifest), prod/kustomization.yaml[${shop}]+${shop}, base/kustomization.yaml+${shop}`,
      ],
    ],
    [
      'edits nothing behind a symbolic link, and offers an entry above it',
      {
        'prod/kustomization.yaml': 'resources: [there]\n',
        'prod/there': link('../base'),
        ...base(`${shop}:1`),
      },
      [`${shop}:1 <- prod/kustomization.yaml+${shop}`],
    ],
  ];
  for (const [rule, files, expected] of rules) it(rule, async () => assert.deepEqual(await uses(files), expected));
});

describe('a name that an entry replaces', () => {
  it('stays known, with the refusal for a repository that is no alias', async () => {
    const files = { ...base(shop), 'prod/kustomization.yaml': overlay + entry(shop, '1', 'example.com/fork/shop') };
    assert.deepEqual((await render(files)).uses[0]?.was, [
      {
        name: shop,
        message:
          'prod/kustomization.yaml the entry replaces our image with "example.com/fork/shop", which the Track does not name as an alias of it (line 3, column 3)',
      },
    ]);
  });
});

describe('a source of kustomize', () => {
  it('is one of that type, or one whose directory has a kustomization', async () => {
    const trees = treesOf({ 'a/kustomization.yml': '', 'b/x.yaml': '' });
    const is = (each: EditSource) => kustomizeRenderer.matches(trees, each);
    assert.deepEqual(
      await Promise.all(
        [{ path: 'a' }, { path: 'b' }, { path: 'b', type: 'Kustomize' }, { path: 'a', type: 'Helm' }, {}].map(is),
      ),
      [true, false, true, false, false],
    );
  });

  it('is refused where its path leads to nothing that kustomize builds', async () => {
    const refused = async (files: Files, path: string) => {
      const error: unknown = await render(files, { path }).catch((each) => each);
      assert.ok(error instanceof FileInvalid || error instanceof PathMissing, String(error));
      return `${error.name}: ${error.message}`;
    };
    const files = {
      'dev/x.yaml': '',
      'bad/kustomization.yaml': 'resources: [../base]',
      'base/kustomization.yaml': 'images: {a: b}',
    };
    assert.equal(await refused(files, 'none'), 'PathMissing: argocd/shop: there is no directory "none"');
    assert.equal(await refused(files, '../dev'), 'PathMissing: the path "../dev" of argocd/shop leaves the repository');
    assert.equal(await refused(files, 'dev'), 'PathMissing: argocd/shop: there is no kustomization in "dev"');
    assert.match(await refused({ dev: link('x'), 'x/kustomization.yaml': '' }, 'dev'), /^FileInvalid: .*symbolic link/);
    assert.match(await refused({ 'dev/kustomization.yaml': link('x') }, 'dev'), /^FileInvalid: .*symbolic link/);
    assert.match(await refused(files, 'bad'), /^FileInvalid: base\/kustomization.yaml `images` must be a YAML list/);
  });

  it('may have an entry inserted for an image that is not visible, if it reads or does what is not known', async () => {
    const { insertion, whyNotNamed } = await render({
      'prod/kustomization.yaml': 'resources: ["https://example.com/x"]\nimages: [{name: "$A"}]',
    });
    assert.deepEqual(insertion, { file: 'prod/kustomization.yaml', target: { kind: 'kustomize' } });
    assert.equal(
      whyNotNamed({ repository: shop, tag: '2.0.0' }),
      'has no entry of `images` for ghcr.io/acme/shop; prod/kustomization.yaml: the entry for "$A" is not about an image (line 2, column 10)',
    );
    assert.equal((await render({ ...base(shop), 'prod/kustomization.yaml': overlay })).insertion, undefined);
    for (const more of [
      'generators: [a]',
      'transformers: [a]',
      'configurations: [a]',
      'helmChartInflationGenerator: []',
    ]) {
      assert.ok((await render({ ...base(shop), 'prod/kustomization.yaml': overlay + more })).insertion, more);
    }
  });

  it('makes nothing of a circle, and refuses an endless build', async () => {
    const circle = { 'prod/kustomization.yaml': overlay, 'base/kustomization.yaml': 'resources: [../prod]\n' };
    assert.deepEqual((await render(circle)).uses, []);
    const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, at) => [`d${at}/kustomization.yaml`, '']));
    const all = Object.keys(many).map((each) => `../${each.slice(0, each.indexOf('/'))}`);
    await assert.rejects(
      render({ ...many, 'prod/kustomization.yaml': `resources: [${all}]` }),
      /more than 1000 directories/,
    );
  });
});
