import assert from 'node:assert/strict';
import type { EditSource } from '@k8sta/contracts';
import type { Application } from './part.js';
import { planEdits } from './plan-edits.js';
import { link, treesOf } from './tree.fixture.js';

const image = { repository: 'ghcr.io/acme/shop', tag: '2.0.0' };

function application(source: EditSource, change: Partial<Application> = {}): Application {
  return { namespace: 'argocd', name: 'shop-dev', sources: [source], image, ...change };
}

const prod = (source: EditSource) => ({ namespace: 'argocd', name: 'shop-prod', station: 'prod', source });
const chart = {
  'chart/Chart.yaml': 'name: shop',
  'chart/values.yaml': 'image: {repository: ghcr.io/acme/shop, tag: 1.0.0}\n',
};
const helm = (...valueFiles: string[]) => ({ type: 'Helm', path: 'chart', valueFiles });

/** The files that a plan edits, or why it refuses. */
async function planned(
  files: Parameters<typeof treesOf>[0],
  own: Application,
  protectedSources: ReturnType<typeof prod>[] = [],
): Promise<Record<string, string> | string> {
  const edits = await planEdits(treesOf(files), { station: 'dev', applications: [own], protectedSources });
  if (edits.is === 'planned') return Object.fromEntries(edits.files);
  return edits.is === 'refused' ? `${edits.reason}: ${edits.message}` : edits.is;
}

describe('the proof of an edit', () => {
  it('lets a file be edited that another Station reads and overrides', async () => {
    const files = { ...chart, 'chart/prod.yaml': 'image: {tag: 0.9.0}\n' };
    const edited = { 'chart/values.yaml': 'image: {repository: ghcr.io/acme/shop, tag: 2.0.0}\n' };
    assert.deepEqual(await planned(files, application(helm()), [prod(helm('prod.yaml'))]), edited);
  });

  it("takes the Station's own file where the other Station would feel the edit", async () => {
    const files = { ...chart, 'chart/dev.yaml': 'replicas: 1\n' };
    const edited = { 'chart/dev.yaml': 'replicas: 1\nimage:\n  tag: 2.0.0\n' };
    assert.deepEqual(await planned(files, application(helm('dev.yaml')), [prod(helm())]), edited);
    assert.equal(
      await planned(chart, application(helm()), [prod(helm())]),
      'SharedFile: chart/values.yaml is also read by argocd/shop-prod of Station prod; it would be promoted too',
    );
  });

  it('protects another Station whose path is a symbolic link, and none whose link leads nowhere', async () => {
    const behind = (target: string) =>
      planned({ ...chart, there: link(target) }, application(helm()), [prod({ type: 'Helm', path: 'there' })]);
    assert.match(String(await behind('chart')), /^SharedFile: chart\/values.yaml is also read by argocd\/shop-prod/);
    for (const target of ['none', '../chart', 'there']) assert.equal(typeof (await behind(target)), 'object', target);
  });

  it('refuses a manifest that is also a template of a chart of another Station', async () => {
    const files = {
      ...chart,
      'chart/templates/pod.yaml': 'kind: Pod\nspec: {containers: [{name: shop, image: "ghcr.io/acme/shop:1.0.0"}]}\n',
    };
    assert.match(
      String(await planned(files, application({ type: 'Directory', path: 'chart/templates' }), [prod(helm())])),
      /^SharedFile: chart\/templates\/pod.yaml is also read by argocd\/shop-prod of Station prod/,
    );
  });

  it('leaves a manifest alone that another Station builds, even if that one overrides its image', async () => {
    const files = {
      'base/kustomization.yaml': 'resources: [pod.yaml]\n',
      'base/pod.yaml': 'kind: Pod\nspec: {containers: [{name: shop, image: "ghcr.io/acme/shop:1.0.0"}]}\n',
      'dev/kustomization.yaml': 'resources: [../base]\n',
      'prod/kustomization.yaml': 'resources: [../base]\nimages: [{name: ghcr.io/acme/shop, newTag: 0.9.0}]\n',
    };
    const overlay = (path: string) => ({ type: 'Kustomize', path });
    assert.deepEqual(Object.keys(await planned(files, application(overlay('dev')))), ['base/pod.yaml']);
    const edited = await planned(files, application(overlay('dev')), [prod(overlay('prod'))]);
    assert.deepEqual(Object.keys(edited), ['dev/kustomization.yaml']);
  });

  it('ignores another Station whose files are not YAML: it renders nothing', async () => {
    const files = { ...chart, 'chart/prod.yaml': '<<<<<<< HEAD\na: b\n' };
    assert.deepEqual(Object.keys(await planned(files, application(helm()), [prod(helm('prod.yaml'))])), [
      'chart/values.yaml',
    ]);
  });

  it('keeps away from a file that reaches another Station as soon as its files are YAML again', async () => {
    const conflict = '<<<<<<< HEAD\n';
    const files = { ...chart, 'chart/dev.yaml': 'a: b\n', 'chart/prod.yaml': `${conflict}a: b\n` };
    const own = application(helm('dev.yaml'));
    assert.deepEqual(Object.keys(await planned(files, own, [prod(helm('prod.yaml'))])), ['chart/dev.yaml']);
    assert.deepEqual(Object.keys(await planned(files, own, [prod(helm('missing.yaml'))])), ['chart/dev.yaml']);
    const built = {
      'base/kustomization.yaml': 'resources: [pod.yaml]\n',
      'base/pod.yaml': 'kind: Pod\nspec: {containers: [{name: shop, image: "ghcr.io/acme/shop:1.0.0"}]}\n',
      'dev/kustomization.yaml': 'resources: [../base]\n',
      'prod/kustomization.yaml': `${conflict}resources: [../base]\n`,
    };
    const overlay = (path: string) => ({ type: 'Kustomize', path });
    const edited = await planned(built, application(overlay('dev')), [prod(overlay('prod'))]);
    assert.deepEqual(Object.keys(edited), ['dev/kustomization.yaml']);
  });

  it('refuses a tag that the templates do not read, or make another one of', async () => {
    const template = (tag: string) => ({
      'chart/templates/a.yaml': `image: "{{ .Values.image.repository }}:${tag}"\n`,
    });
    const runs = ['ghcr.io/acme/shop:v1.0.0'];
    assert.match(
      String(await planned({ ...chart, ...template('{{ .Values.version }}') }, application(helm(), { runs }))),
      /^EditWithoutEffect: argocd\/shop-dev: the templates of the chart do not read image\.tag/,
    );
    assert.match(
      String(await planned({ ...chart, ...template('v{{ .Values.image.tag }}') }, application(helm(), { runs }))),
      /^EditWithoutEffect: argocd\/shop-dev: the chart makes v1\.0\.0 of the tag 1\.0\.0/,
    );
    const read = await planned({ ...chart, ...template('{{ .Values.image.tag }}') }, application(helm(), { runs }));
    assert.deepEqual(Object.keys(read), ['chart/values.yaml']);
  });

  it('skips an Application whose entry matches nothing that is there, unless its pods run the image', async () => {
    const files = {
      'dev/kustomization.yaml': 'resources: [pod.yaml]\nimages: [{name: ghcr.io/acme/shop, newTag: 1.0.0}]\n',
      'dev/pod.yaml': 'kind: Pod\nspec: {containers: [{name: cache, image: "redis:7"}]}\n',
    };
    const source = { type: 'Kustomize', path: 'dev' };
    assert.deepEqual(await planned(files, application(source, { runs: ['redis:7'] })), {});
    const remote = {
      ...files,
      'dev/kustomization.yaml': files['dev/kustomization.yaml'].replace('[', '[acme.com/a.git?ref=v1, '),
    };
    for (const [tree, runs] of [
      [files, ['ghcr.io/acme/shop:1.0.0']],
      [remote, ['redis:7']],
    ] as const) {
      const edited = await planned(tree, application(source, { runs: [...runs] }));
      assert.deepEqual(Object.keys(edited), ['dev/kustomization.yaml']);
    }
  });

  it('leaves alone what the templates never read, and what is switched off', async () => {
    const values = ['image', 'other', 'job'].map((key) => `${key}: {repository: ghcr.io/acme/shop, tag: 1.0.0}\n`);
    const files = {
      'chart/Chart.yaml': 'name: shop',
      'chart/templates/a.yaml': '{{ .Values.image.tag }}{{ if .Values.job.enabled }}{{ .Values.job.tag }}{{ end }}',
      'chart/values.yaml': values.join('').replace('job: {', 'job: {enabled: false, '),
    };
    const edited = files['chart/values.yaml'].replace('1.0.0', '2.0.0');
    assert.deepEqual(await planned(files, application(helm())), { 'chart/values.yaml': edited });
  });

  it('refuses an edit that would change another image of the Application', async () => {
    const files = {
      'chart/Chart.yaml': 'name: shop',
      'chart/values.yaml':
        'image: {repository: ghcr.io/acme/shop, tag: &tag 1.0.0}\nproxy: {repository: acme/proxy, tag: *tag}\n',
    };
    assert.equal(
      await planned(files, application(helm())),
      'EditWithoutEffect: an edit of chart/values.yaml would change other images of argocd/shop-dev as well',
    );
  });

  it('gives the Station a pin of its own where another Station takes the same one', async () => {
    const [old, fresh] = ['a', 'b'].map((each) => `sha256:${each.repeat(64)}`);
    const files = {
      'chart/Chart.yaml': 'name: shop',
      'chart/values.yaml': `image: {repository: ghcr.io/acme/shop, tag: 1.0.0, digest: "${old}"}\n`,
      'chart/dev.yaml': 'image:\n  tag: 1.1.0\n',
    };
    const pinned = application(helm('dev.yaml'), { image: { ...image, digest: fresh } });
    const edited = { 'chart/dev.yaml': `image:\n  tag: 2.0.0\n  digest: ${fresh}\n` };
    assert.deepEqual(await planned(files, pinned, [prod(helm())]), edited);
    assert.match(
      String(await planned(files, application(helm('dev.yaml')), [prod(helm())])),
      /^SharedFile: chart\/values\.yaml is also read by argocd\/shop-prod/,
    );
  });

  it('moves a pin under a key of its own along with the tag', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const values = (tag: string, pin: string) =>
      `image:\n  repository: ghcr.io/acme/shop\n  tag: ${tag}\n  digest: ${pin}\n`;
    const files = { 'chart/Chart.yaml': '', 'chart/values.yaml': values('1.0.0', 'sha256:0') };
    const own = application(helm(), { image: { ...image, digest } });
    assert.deepEqual(await planned(files, own), { 'chart/values.yaml': values('2.0.0', digest) });
  });
});

describe('a place that the Track names', () => {
  const files = {
    'env/dev.yaml': 'service: shop\nimage_tag: 1.0.0\nimage: ghcr.io/acme/shop:1.0.0\nother: ghcr.io/acme/web:1\n',
  };
  const at = (key: string, file = 'env/dev.yaml') =>
    application({ type: 'Plugin', path: 'x' }, { edit: { file, key } });

  it('is edited, a tag or a whole reference, whatever the source is', async () => {
    const edited = (from: string, to: string) => ({ 'env/dev.yaml': files['env/dev.yaml'].replace(from, to) });
    assert.deepEqual(await planned(files, at('image_tag')), edited('image_tag: 1.0.0', 'image_tag: 2.0.0'));
    assert.deepEqual(await planned(files, at('image')), edited('shop:1.0.0', 'shop:2.0.0'));
  });

  it('is refused where it is not there, or names something else', async () => {
    for (const [key, file, message] of [
      ['none', 'env/dev.yaml', /^FileInvalid: env\/dev.yaml has no key none, which the Track names/],
      ['image_tag', 'env/none.yaml', /^FileInvalid: env\/none.yaml does not exist/],
      ['image_tag', '../x.yaml', /^FileInvalid: the path "..\/x.yaml" leaves the repository/],
      [
        'other',
        'env/dev.yaml',
        /^FileInvalid: env\/dev.yaml names ghcr.io\/acme\/web:1, which is not ghcr.io\/acme\/shop/,
      ],
    ] as const) {
      assert.match(String(await planned(files, at(key, file))), message);
    }
  });
});
