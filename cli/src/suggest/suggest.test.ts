import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { argumentsOf } from '@k8sta/sandbox';
import { parseTracks } from '@k8sta/tracks';
import { readApplications } from '../plan/read-applications.js';
import { anApplication, listOf, World } from '../plan/world.fixture.js';
import { suggest } from './suggest.js';
import { whyNothing, writeTracksFile } from './write.js';

const main = argumentsOf('@k8sta/cli');

type Change = { readonly namespace?: string; readonly labels?: object; readonly source?: object };

function runs(name: string, images: string | string[], { namespace = 'argocd', labels, source }: Change = {}): object {
  const application = anApplication(name, { path: 'x', ...source }, [images].flat()) as { metadata: object };
  return { ...application, metadata: { ...application.metadata, namespace, ...(labels && { labels }) } };
}

describe('k8sta tracks suggest', () => {
  const world = new World();
  after(() => world.remove());

  const observed = (...applications: object[]) =>
    readApplications([world.write('applications.json', listOf(...applications))], new Date());
  /** The file, which has to be valid. */
  const fileOf = async (applications: object[], images: string[] = []) => {
    const text = writeTracksFile(suggest(await observed(...applications), images));
    const parsed = parseTracks([{ path: 'tracks.yaml', text }]);
    assert.ok('tracks' in parsed, `${JSON.stringify(parsed)}\n${text}`);
    return text.split('\n').slice(2, -1).join('\n');
  };
  const shop = 'ghcr.io/acme/shop';

  it('proposes a Track with the environments in their order, as they are called', async () => {
    const names = ['shop-production', 'shop-dev', 'shop-staging', 'shop-qa'];
    assert.equal(
      await fileOf(names.map((name) => runs(name, `${shop}:1.0.0`))),
      `- name: shop
  images:
  - repository: ghcr.io/acme/shop
  stations:
  - name: dev
    applications: [shop-dev]
  - name: qa
    applications: [shop-qa]
  - name: staging
    applications: [shop-staging]
  - name: production
    applications: [shop-production]`,
    );
  });

  it('says what it guessed: regions together, an environment that no name shows, and tags', async () => {
    const text = await fileOf([
      runs('shop', `${shop}:main-0a1b2c3`, { namespace: 'team', labels: { 'acme.com/env': 'dev' } }),
      runs('shop-prod-us', `${shop}:main-4d5e6f7`),
      runs('prod-shop-eu', `${shop}:main-4d5e6f7`),
      runs('shop', `${shop}:main-4d5e6f7`),
    ]);
    assert.equal(
      text,
      `- name: shop
  images:
  - repository: ghcr.io/acme/shop
    # A guess from the tags that run: main-0a1b2c3, main-4d5e6f7.
    tags: {pattern: "^main-[0-9a-f]{7,40}$"}
  stations:
  # A guess: the environment of team/shop, from its label acme.com/env.
  - name: dev
    applications: [team/shop]
  # A guess: they are promoted together. Make them Stations of their own to promote one after another.
  - name: prod
    applications: [prod-shop-eu, shop-prod-us]
  # Left out, because nothing shows their environment: argocd/shop.`,
    );
  });

  it('finds the environment in a path, in value files and in a namespace', async () => {
    const helm = { path: 'chart', helm: { valueFiles: ['values.yaml', 'values-prod.yaml'] } };
    const text = await fileOf([
      runs('shop-a', `${shop}:1.0.0`, { source: { path: 'envs/dev/shop' } }),
      runs('shop-b', `${shop}:1.0.0`, { source: helm }),
    ]);
    assert.match(text, /the environment of shop-a, from its path\.\n {2}- name: dev\n/);
    assert.match(text, /the environment of shop-b, from its value files\.\n {2}- name: prod\n/);
  });

  it('takes a repository of the same name in other environments for a mirror', async () => {
    const text = await fileOf([
      runs('shop-prod', 'mirror.example.com/acme/shop:1.0.0'),
      runs('shop-dev', `${shop}:1.0.0`),
    ]);
    assert.match(
      text,
      /- repository: ghcr\.io\/acme\/shop\n.*guess.*\n {4}aliases: \[mirror\.example\.com\/acme\/shop\]/,
    );
    assert.match(text, /name: dev\n {4}applications: \[shop-dev\]\n {2}- name: prod/);
  });

  it('proposes the Track of the original image if the wanted image is a mirror of it', async () => {
    const mirror = 'mirror.example.com/acme/shop';
    const applications = [runs('shop-prod', `${mirror}:1.0.0`), runs('shop-dev', `${shop}:1.0.0`)];
    assert.equal(await fileOf(applications, [mirror]), await fileOf(applications, [shop]));
  });

  it('takes no public image, and no repository of other applications, for a mirror', async () => {
    const other = await fileOf([
      ...['dev', 'prod'].map((env) => runs(`shop-${env}`, `${shop}:1.0.0`)),
      ...['test', 'qa'].map((env) => runs(`stall-${env}`, 'ghcr.io/other/shop:1.0.0')),
    ]);
    assert.doesNotMatch(other, /aliases/);
    const redis = [runs('cache-dev', 'ghcr.io/acme/redis:7.2.0'), runs('cache-prod', 'redis:7.2.0')];
    assert.deepEqual(suggest(await observed(...redis)).tracks, []);
  });

  it('names a Station by the usual word where its Applications spell it differently', async () => {
    const text = await fileOf(['dev', 'prd', 'production'].map((env) => runs(`shop-${env}`, `${shop}:1.0.0`)));
    assert.match(text, / {2}- name: prod\n {4}applications: \[shop-prd, shop-production\]$/);
  });

  it('gives each Track a name of its own', async () => {
    const text = await fileOf(
      ['argocd', 'team'].flatMap((namespace) =>
        ['dev', 'prod'].map((env) => runs(`shop-${env}`, `ghcr.io/${namespace}/shop:1.0.0`, { namespace })),
      ),
    );
    assert.deepEqual(
      [...text.matchAll(/^- name: (.*)/gm)].map(([, name]) => name),
      ['shop', 'shop-2'],
    );
  });

  it('puts images that always run together on one Track', async () => {
    const images = [`${shop}:1.0.0`, 'ghcr.io/acme/shop-worker:1.0.0'];
    const text = await fileOf([runs('shop-dev', images), runs('shop-prod', images)]);
    assert.match(
      text,
      /^- name: shop\n {2}images:\n {2}- repository: .*shop\n {2}- repository: .*shop-worker\n {2}stations/,
    );
  });

  it('tells two words of a name apart by the Applications', async () => {
    const text = await fileOf([runs('dev-live-chat', `${shop}:1.0.0`), runs('prod-live-chat', `${shop}:1.0.0`)]);
    assert.match(text, /^- name: live-chat\n[\s\S]*name: dev\n[\s\S]*name: prod\n/);
  });

  it('leaves out public images and those of every application, unless they are asked for', async () => {
    const agent = 'ghcr.io/acme/log-agent:1.0.0';
    const applications = ['shop', 'search'].flatMap((name) =>
      ['dev', 'prod'].map((env) => runs(`${name}-${env}`, [`ghcr.io/acme/${name}:1.0.0`, 'redis:7.2.0', agent])),
    );
    const text = await fileOf([...applications, runs('only-prod', 'ghcr.io/acme/only:1.0.0')]);
    assert.deepEqual(
      [...text.matchAll(/^- name: (.*)/gm)].map(([, name]) => name),
      ['search', 'shop'],
    );
    assert.match(text, /^# - docker\.io\/library\/redis: a public image$/m);
    assert.match(text, /^# - ghcr\.io\/acme\/log-agent: it runs in 2 applications of different names$/m);
    assert.doesNotMatch(text, /acme\/only/);
    const redis = await fileOf(applications, ['docker.io/library/redis']);
    assert.match(redis, /^- name: redis\n {2}images:\n {2}- repository: docker\.io\/library\/redis\n/);
    assert.doesNotMatch(redis, /log-agent|acme\/shop/);
  });

  it('writes names that YAML would not read as text in quotes', async () => {
    const text = await fileOf([
      runs('on', 'ghcr.io/acme/on:1.0.0', { labels: { env: 'dev' } }),
      runs('on-prod', 'ghcr.io/acme/on:1.0.0'),
    ]);
    assert.match(text, /applications: \["on"\]/);
  });

  it('exits with 1 and says why if there is nothing to propose', () => {
    const file = world.write('one.json', listOf(runs('shop-dev', `${shop}:1.0.0`)));
    const k8sta = (...args: string[]) =>
      spawnSync(process.execPath, [...main, 'tracks', 'suggest', ...args], { encoding: 'utf8' });
    const { status, stdout, stderr } = k8sta('--applications', file, '--image', shop);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(
      stderr,
      /^there is no Track to propose:\n {2}ghcr\.io\/acme\/shop: it runs in one environment only, dev\n$/,
    );
    assert.equal(k8sta('--applications', file, '--image', 'no image!').status, 2);
  });

  it('says which images it leaves out if there is no other', async () => {
    const nothing = async (...applications: object[]) => whyNothing(suggest(await observed(...applications)));
    assert.equal(await nothing(runs('shop-dev', `${shop}:1.0.0`)), 'no image runs in several environments\n');
    assert.equal(
      await nothing(runs('cache-dev', 'redis:7.2.0'), runs('cache-prod', 'redis:7.2.0')),
      `there is no Track to propose; --image proposes one for an image of these:
  docker.io/library/redis: a public image
`,
    );
  });
});
