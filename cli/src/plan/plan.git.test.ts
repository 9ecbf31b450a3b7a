import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { argumentsOf } from '@k8sta/sandbox';
import type { PlanAnswer, StationAnswer } from './answer.js';
import { parseCheckout } from './checkouts.js';
import { plan } from './plan.js';
import { anApplication, deploy, listOf, manifest, type TestRepository, tracksOf, World } from './world.fixture.js';

const main = argumentsOf('@k8sta/cli');
const image = { repository: 'ghcr.io/acme/shop', tag: '2.0.0' };

describe('k8sta plan', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.remove());

  const asked = (
    stations: Record<string, string[]>,
    applications: object[],
    checkouts: Record<string, TestRepository>,
  ) =>
    plan({
      image,
      tracks: [world.write('tracks.yaml', tracksOf(stations))],
      applications: [world.write('applications.json', listOf(...applications))],
      checkouts: Object.entries(checkouts).map(([url, { directory }]) => parseCheckout(`${url}=${directory}`)),
    });
  const stationIn = ({ tracks }: PlanAnswer, name: string): StationAnswer => {
    const station = tracks.flatMap(({ stations }) => stations).find((each) => each.station === name);
    assert.ok(station, name);
    return station;
  };
  const k8sta = (args: string[], input?: string) =>
    spawnSync(process.execPath, [...main, 'plan', ...args], {
      encoding: 'utf8',
      ...(input !== undefined && { input }),
    });

  it('plans the Tracks that a junction names instead of the junction, with the aliases of the image', async () => {
    const mirrored = (tag: string) => manifest(tag).replace('ghcr.io/acme/shop', 'mirror.example.com/shop');
    const repository = world.repository('deploy', { 'apac/pod.yaml': mirrored('1.0.0') });
    const { tracks } = JSON.parse(tracksOf({}, { aliases: ['mirror.example.com/shop'] }));
    const shop = { ...tracks[0], stations: [{ name: 'world', tracks: ['asia'] }] };
    const asia = { name: 'asia', stations: [{ name: 'prod', applications: ['apac'] }] };
    const answer = await plan({
      image,
      tracks: [world.write('tracks.yaml', JSON.stringify({ tracks: [shop, asia] }))],
      applications: [world.write('applications.json', listOf(anApplication('apac')))],
      checkouts: [parseCheckout(`git@git.example.com:acme/deploy=${repository.directory}`)],
    });
    assert.deepEqual(
      answer.tracks.map(({ track, stations }) => [
        track,
        stations.flatMap(({ files }) => files.map((file) => file.after)),
      ]),
      [
        ['shop', []],
        ['asia', [mirrored('2.0.0')]],
      ],
    );
  });

  it('shows the files of each Station as they would be committed, and writes nothing', async () => {
    const repository = world.repository('deploy', {
      'dev/pod.yaml': manifest('1.0.0'),
      'prod/pod.yaml': manifest('2.0.0'),
    });
    repository.write({ 'dev/pod.yaml': 'not committed', 'untracked.yaml': '' });
    const state = () => [repository.git('status', '--porcelain'), repository.git('rev-parse', 'HEAD')];
    const before = state();
    const answer = await asked({ dev: ['dev'], prod: ['prod'] }, [anApplication('dev'), anApplication('prod')], {
      'git@git.example.com:acme/deploy': repository,
    });
    const [after, path] = [manifest('2.0.0'), 'dev/pod.yaml'];
    assert.deepEqual(answer, {
      tracks: [
        {
          track: 'shop',
          stations: [
            {
              station: 'dev',
              applications: [{ application: 'argocd/dev', outcome: 'edited' }],
              files: [{ repository: 'git@git.example.com:acme/deploy', path, before: manifest('1.0.0'), after }],
            },
            { station: 'prod', applications: [{ application: 'argocd/prod', outcome: 'unchanged' }], files: [] },
          ],
        },
      ],
    });
    assert.deepEqual(state(), before);
  });

  it('names the Applications of a Station in the order of the tracks file, also if they are in several repositories', async () => {
    const repository = world.repository('deploy', { 'a/pod.yaml': manifest('1.0.0'), 'c/pod.yaml': manifest('1.0.0') });
    const repoURL = 'https://git.example.com/acme/other.git';
    const other = world.repository('other', { 'b/pod.yaml': manifest('1.0.0') });
    const applications = [anApplication('a'), anApplication('b', { repoURL }), anApplication('c')];
    const answer = await asked({ dev: ['a', 'b', 'c'] }, applications, { [deploy]: repository, [repoURL]: other });
    const named = stationIn(answer, 'dev').applications.map(({ application, outcome }) => `${application} ${outcome}`);
    assert.deepEqual(named, ['argocd/a edited', 'argocd/b edited', 'argocd/c edited']);
  });

  it('prints a diff that git apply takes, and exits with 0 if every Station could be promoted', () => {
    const repository = world.repository('deploy', { 'dev/pod.yaml': manifest('1.0.0') });
    const tracks = world.write('tracks.yaml', tracksOf({ dev: ['dev'] }));
    const args = ['--tracks', tracks, '--applications', '-', '--checkout', `${deploy}=${repository.directory}`];
    const { status, stdout, stderr } = k8sta(['ghcr.io/acme/shop:2.0.0', ...args], listOf(anApplication('dev')));
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^shop: dev: would be committed\n {2}argocd\/dev: edited\n--- a\/dev\/pod\.yaml/);
    assert.match(stdout, /\n1 of 1 Stations could be promoted\n$/);
    execFileSync('git', ['-C', repository.directory, 'apply', '-'], { input: stdout });
    assert.match(
      repository.git('diff'),
      /\n- {4}image: ghcr\.io\/acme\/shop:1\.0\.0 # theirs\n\+ {4}image: .*:2\.0\.0 # t/,
    );
  });

  it('refuses a Station as a whole, says which Application is in the way, and exits with 1', () => {
    const repository = world.repository('deploy', {
      'dev/pod.yaml': manifest('1.0.0'),
      'shared/pod.yaml': manifest('1.0.0'),
    });
    const stations = { dev: ['dev', 'eu'], us: ['us'] };
    const applications = [anApplication('dev'), ...['eu', 'us'].map((name) => anApplication(name, { path: 'shared' }))];
    const args = [
      ...['--tracks', world.write('tracks.yaml', tracksOf(stations))],
      ...['--applications', world.write('applications.json', listOf(...applications))],
      ...['--checkout', `${deploy}=${repository.directory}`],
    ];
    const json = k8sta(['ghcr.io/acme/shop:2.0.0', ...args, '-o', 'json']);
    assert.equal(json.status, 1, json.stderr);
    const station = stationIn(JSON.parse(json.stdout), 'dev');
    assert.deepEqual(station.files, []);
    assert.equal(station.reason, 'SharedFile');
    assert.match(station.message ?? '', /shared\/pod\.yaml.*argocd\/us/);
    const text = k8sta(['ghcr.io/acme/shop:2.0.0', ...args]);
    assert.match(text.stdout, /^shop: dev: refused$/m);
    assert.match(text.stdout, /^ {2}argocd\/\w+: refused: SharedFile: .*shared\/pod\.yaml/m);
    assert.match(text.stdout, /^0 of 2 Stations could be promoted$/m);
  });

  it('reads the branch that the targetRevision names: the local one, else that of origin', async () => {
    const repository = world.repository('deploy', { 'dev/pod.yaml': manifest('1.0.0') });
    repository.git('checkout', '--quiet', '-b', 'release');
    repository.commit({ 'dev/pod.yaml': manifest('1.1.0') });
    repository.git('update-ref', 'refs/remotes/origin/next', 'HEAD');
    repository.git('update-ref', 'refs/remotes/origin/main', 'HEAD');
    repository.commit({ 'dev/pod.yaml': manifest('1.2.0') });
    for (const [targetRevision, before] of [
      ['main', '1.0.0'],
      ['refs/heads/main', '1.0.0'],
      ['next', '1.1.0'],
      ['HEAD', '1.2.0'],
      ['', '1.2.0'],
    ] as const) {
      const answer = await asked({ dev: ['dev'] }, [anApplication('dev', { targetRevision })], {
        [deploy]: repository,
      });
      assert.equal(stationIn(answer, 'dev').files[0]?.before, manifest(before), targetRevision);
    }
  });

  it('refuses what no checkout has, and says what to add', async () => {
    const repository = world.repository('deploy', { 'dev/pod.yaml': manifest('1.0.0') });
    repository.git('tag', 'v1.0.0');
    const other = 'https://git.example.com/acme/other.git';
    const answer = await asked(
      { tag: ['tag'], none: ['none'], odd: ['odd'], elsewhere: ['elsewhere'] },
      [
        anApplication('tag', { targetRevision: 'v1.0.0' }),
        anApplication('none', { targetRevision: 'nope' }),
        anApplication('odd', { targetRevision: 'main@{0}' }),
        anApplication('elsewhere', { repoURL: other }),
      ],
      { [deploy]: repository },
    );
    const said = (name: string) => `${stationIn(answer, name).reason}: ${stationIn(answer, name).message}`;
    assert.match(
      said('tag'),
      /^RevisionPinned: argocd\/tag: the targetRevision "v1\.0\.0" is a tag of .* to be a branch$/,
    );
    assert.match(said('none'), /^BranchMissing: argocd\/none: the checkout of https.* has no branch "nope"/);
    assert.match(said('odd'), /^BranchMissing: /);
    assert.match(said('elsewhere'), new RegExp(`^CheckoutMissing: argocd/elsewhere: .*; add --checkout ${other}=DIR$`));
    const unknown = await asked({ dev: ['dev', 'x'] }, [anApplication('dev')], { [deploy]: repository });
    assert.deepEqual(
      stationIn(unknown, 'dev').applications.map(({ application, outcome }) => [application, outcome]),
      [
        ['argocd/dev', 'held'],
        ['argocd/x', 'refused'],
      ],
    );
    assert.equal(
      stationIn(unknown, 'dev').message,
      'argocd/x: the files of --applications do not have this Application',
    );
  });

  it('holds an Application whose name only begins that of the one in the way', async () => {
    const repository = world.repository('deploy', { 'eu/pod.yaml': manifest('1.0.0') });
    const applications = [anApplication('eu'), anApplication('eu-west', { path: 'none' })];
    const answer = await asked({ dev: ['eu', 'eu-west'] }, applications, { [deploy]: repository });
    assert.deepEqual(
      stationIn(answer, 'dev').applications.map(({ application, outcome }) => [application, outcome]),
      [
        ['argocd/eu', 'held'],
        ['argocd/eu-west', 'refused'],
      ],
    );
  });

  it('says which checkout may help where a build reads another repository', async () => {
    const repository = world.repository('deploy', { 'dev.yaml': 'replicas: 1\n' });
    const charts = 'https://git.example.com/acme/charts.git';
    const sources = [
      { repoURL: charts, path: 'web', targetRevision: 'v1.0.0', helm: { valueFiles: ['$values/dev.yaml'] } },
      { repoURL: deploy, ref: 'values', targetRevision: 'main' },
    ];
    const status = { sourceTypes: ['Helm', ''], summary: { images: ['ghcr.io/acme/shop:1.0.0'] } };
    const application = { ...anApplication('dev'), spec: { project: 'shop', sources }, status };
    const answer = await asked({ dev: ['dev'] }, [application], { [deploy]: repository });
    assert.match(stationIn(answer, 'dev').message ?? '', new RegExp(`; add --checkout ${charts}=DIR may help`));
  });

  it('refuses a Station none of whose Applications uses the image', async () => {
    const repository = world.repository('deploy', { 'dev/pod.yaml': manifest('1.0.0').replace('shop:', 'search:') });
    const answer = await asked({ dev: ['dev'] }, [anApplication('dev', {}, ['ghcr.io/acme/search:1.0.0'])], {
      [deploy]: repository,
    });
    const { reason, applications } = stationIn(answer, 'dev');
    assert.equal(reason, 'ImageNotNamed');
    assert.match(
      `${applications[0]?.outcome} ${applications[0]?.message}`,
      /^refused argocd\/dev: .*ghcr\.io\/acme\/shop/,
    );
  });

  it('says which source follows no branch if the image may be there', async () => {
    const repository = world.repository('pins', { 'dev/pod.yaml': 'kind: Pod\n', 'app/pod.yaml': manifest('1.0.0') });
    repository.git('tag', 'v1.0.0');
    const [path, repoURL] = ['app', deploy];
    const sources = [
      { repoURL, path: 'dev', targetRevision: 'main' },
      { repoURL, path, targetRevision: 'v1.0.0' },
    ];
    const application = { ...anApplication('dev'), spec: { project: 'shop', sources } };
    const { message } = stationIn(await asked({ dev: ['dev'] }, [application], { [deploy]: repository }), 'dev');
    assert.match(message ?? '', /; its sources at "v1\.0\.0" follow no branch, so nothing is committed there$/);
  });

  it('refuses a tag that does not ride a Track, and an image to which no Track subscribes', async () => {
    const repository = world.repository('deploy', { 'dev/pod.yaml': manifest('1.0.0') });
    const request = {
      tracks: [world.write('tracks.yaml', tracksOf({ dev: ['dev'] }, { aliases: ['mirror.example.com/shop'] }))],
      applications: [world.write('applications.json', listOf(anApplication('dev')))],
      checkouts: [parseCheckout(`${deploy}=${repository.directory}`)],
    };
    assert.deepEqual(await plan({ ...request, image: { ...image, tag: 'latest' } }), {
      tracks: [
        {
          track: 'shop',
          reason: 'TagNotSubscribed',
          message: 'shop: tag latest is not strict semver',
          stations: [],
        },
      ],
    });
    const alias = plan({ ...request, image: { ...image, repository: 'mirror.example.com/shop' } });
    await assert.rejects(
      alias,
      /no Track subscribes to mirror\.example\.com\/shop; it is an alias of ghcr\.io\/acme\/shop/,
    );
  });

  it('exits with 1 for a fault of a file or a checkout, and with 2 for the command line', () => {
    const files = [
      ...['--tracks', world.write('tracks.yaml', tracksOf({ dev: ['dev'] }))],
      ...['--applications', world.write('applications.json', listOf(anApplication('dev')))],
    ];
    const none = k8sta(['ghcr.io/acme/shop:2.0.0', ...files, '--checkout', `${deploy}=${world.directory}`]);
    assert.deepEqual([none.status, none.stdout], [1, '']);
    assert.match(none.stderr, /^\/.*: cannot be read as a Git repository: fatal: not a git repository.*\n$/);
    for (const args of [
      ['ghcr.io/acme/shop', ...files],
      ['ghcr.io/acme/shop:2.0.0', ...files, '--checkout', `/srv/git=${world.directory}`],
    ]) {
      const { status, stderr } = k8sta(args);
      assert.equal(status, 2, args.join(' '));
      assert.match(stderr, /^error: /);
    }
  });
});
