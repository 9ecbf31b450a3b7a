import assert from 'node:assert/strict';
import type { Application, EditsWanted } from './part.js';
import { planEdits } from './plan-edits.js';
import { link, treesOf } from './tree.fixture.js';

const image = { repository: 'ghcr.io/acme/storefront', tag: '1.4.2' };

function names(tag: string, more = ''): string {
  return `${more}images:\n- name: ghcr.io/acme/storefront\n  newTag: ${tag}\n`;
}

function application(name: string, path: string, change: object = {}): Application {
  return { namespace: 'argocd', name, sources: [{ path, type: 'Kustomize' }], image, ...change };
}

function part(change: Partial<EditsWanted> = {}): EditsWanted {
  return {
    station: 'dev',
    applications: [application('dev', 'dev')],
    protectedSources: [],
    ...change,
  };
}

async function refusal(files: Parameters<typeof treesOf>[0], change: Partial<EditsWanted> = {}): Promise<string> {
  const edits = await planEdits(treesOf(files), part(change));
  assert.ok(edits.is === 'refused', edits.is);
  return `${edits.reason}: ${edits.message}`;
}

async function planned(files: Parameters<typeof treesOf>[0], change: Partial<EditsWanted> = {}) {
  const edits = await planEdits(treesOf(files), part(change));
  assert.ok(edits.is === 'planned', JSON.stringify(edits));
  return edits;
}

const target = { kind: 'kustomize' as const };
const before = 'ghcr.io/acme/storefront:1.4.1';
const after = 'ghcr.io/acme/storefront:1.4.2';

describe('a plan of edits', () => {
  it('edits a file, skips an Application that does not name the image, and says what is unchanged', async () => {
    const { applications, replaces, files } = await planned(
      { 'dev/kustomization.yaml': names('1.4.1'), 'eu/kustomization.yml': names('1.4.2'), 'no/Kustomization': 'a: b' },
      { applications: [application('dev', './dev/'), application('eu', 'eu'), application('no', 'no')] },
    );
    assert.deepEqual([...files], [['dev/kustomization.yaml', names('1.4.2')]]);
    assert.deepEqual(applications, [
      { namespace: 'argocd', name: 'dev', file: 'dev/kustomization.yaml', target, outcome: 'edited', before, after },
      {
        namespace: 'argocd',
        name: 'eu',
        file: 'eu/kustomization.yml',
        target,
        outcome: 'unchanged',
        before: after,
        after,
      },
      {
        ...{ namespace: 'argocd', name: 'no', outcome: 'skipped' },
        message: 'no/Kustomization has no entry of `images` for ghcr.io/acme/storefront',
      },
    ]);
    assert.deepEqual(replaces, [
      { namespace: 'argocd', name: 'dev', file: 'dev/kustomization.yaml', target, value: before },
      { namespace: 'argocd', name: 'eu', file: 'eu/kustomization.yml', target, value: after },
    ]);
  });

  it('skips a source that it cannot edit only if none of its pods runs the image', async () => {
    const files = { 'dev/kustomization.yaml': names('1.4.1') };
    const chart = (runs: string[]) => application('db', 'db', { sources: [{ path: 'db', type: 'Plugin' }], runs });
    const { applications } = await planned(files, { applications: [application('dev', 'dev'), chart([])] });
    assert.deepEqual(applications[1], {
      ...{ namespace: 'argocd', name: 'db', outcome: 'skipped' },
      message: 'the source of argocd/db is of type Plugin, and none of its pods runs the image',
    });
    assert.match(await refusal(files, { applications: [chart([before])] }), /^UnsupportedSource: .*argocd\/db/);
  });

  it('refuses an Application that runs an image which its files do not name', async () => {
    const running = (type: string) => ({
      applications: [application('dev', 'dev', { sources: [{ path: 'dev', type }], runs: [before] })],
    });
    assert.equal(
      await refusal({ 'dev/kustomization.yaml': 'a: b' }, running('Kustomize')),
      `ImageNotNamed: argocd/dev runs ${before}, but dev/kustomization.yaml has no entry of \`images\` for ghcr.io/acme/storefront; name the file and the key under \`edit\` of the Station`,
    );
    assert.match(await refusal({ 'dev/a.jsonnet': '{}' }, running('Directory')), /^UnsupportedSource: .* is jsonnet/);
  });

  it('refuses an image in more places than an event can carry', async () => {
    const bases = Array.from({ length: 21 }, (_, at) => `b${at}`);
    const files = Object.fromEntries(bases.map((base) => [`${base}/kustomization.yaml`, names('1.4.1')]));
    const overlay = { 'dev/kustomization.yaml': `resources: [${bases.map((base) => `../${base}`)}]` };
    assert.match(
      await refusal({ ...files, ...overlay }),
      /^FileInvalid: argocd\/dev takes the image from more than 20 places/,
    );
  });

  it('cuts what an Application named before to the length that an event can carry', async () => {
    const { applications } = await planned({
      'dev/kustomization.yaml': 'resources: [../a, ../b]',
      'a/kustomization.yaml': names('a'.repeat(300)),
      'b/kustomization.yaml': names('b'.repeat(300)),
    });
    assert.equal(applications[0]?.before?.length, 512);
  });

  it('edits a file that two Applications share once', async () => {
    const applications = [application('one', 'dev'), application('two', 'dev')];
    const plan = await planned({ 'dev/kustomization.yaml': names('1.4.1') }, { applications });
    assert.deepEqual([...plan.files], [['dev/kustomization.yaml', names('1.4.2')]]);
    assert.deepEqual(
      plan.applications.map(({ outcome, before, after }) => [outcome, before, after]),
      [
        ['edited', before, after],
        ['edited', before, after],
      ],
    );
    assert.deepEqual(
      plan.replaces.map(({ value }) => value),
      [before, before],
    );
  });

  it('refuses two images for one file', async () => {
    const other = application('two', 'dev', { image: { ...image, tag: '1.3.0' } });
    for (const tag of ['1.4.1', '1.4.2', '1.3.0']) {
      const applications = [application('one', 'dev'), other];
      assert.match(await refusal({ 'dev/kustomization.yaml': names(tag) }, { applications }), /different images/);
    }
  });

  it('refuses files that it cannot read or must not edit', async () => {
    const ok = { 'dev/kustomization.yaml': names('1.4.1') };
    const withPath = (path: string) => ({ applications: [application('dev', path)] });
    assert.match(await refusal(ok, withPath('none')), /^PathMissing: argocd\/dev: there is no directory "none"/);
    assert.match(await refusal(ok, withPath('../dev')), /^PathMissing: .* leaves the repository/);
    assert.match(await refusal(ok, withPath('/dev')), /^PathMissing: .* leaves the repository/);
    assert.match(
      await refusal({ dev: link('x'), 'x/kustomization.yaml': names('1') }),
      /^FileInvalid: .*symbolic link/,
    );
    assert.match(await refusal({ 'dev/kustomization.yaml': link('x') }), /^FileInvalid: .*symbolic link/);
    assert.match(await refusal({ 'dev/kustomization.yaml': 'a: [' }), /^FileInvalid: dev\/kustomization.yaml .*line 1/);
    assert.match(
      await refusal({ 'dev/kustomization.yaml': { is: 'opaque', why: 'is not UTF-8 text' } }),
      /^FileInvalid: .*is not UTF-8 text/,
    );
  });

  it('refuses a source of a plugin, and finds out the type that Argo CD has not detected yet', async () => {
    const ok = { 'dev/kustomization.yaml': names('1.4.1'), 'plain/x.yaml': '' };
    const plugin = { applications: [application('dev', 'dev', { sources: [{ path: 'dev', type: 'Plugin' }] })] };
    assert.match(await refusal(ok, plugin), /^UnsupportedSource: the source of argocd\/dev is of type Plugin/);
    const unknown = { applications: [application('dev', 'dev', { sources: [{ path: 'dev' }] })] };
    assert.equal((await planned(ok, unknown)).files.size, 1);
  });

  describe('of a file that another Station reads', () => {
    const prod = { namespace: 'argocd', name: 'prod', station: 'prod', source: { path: 'prod' } };
    const shared = { applications: [application('dev', 'base')], protectedSources: [prod] };

    it('refuses, and names the other Station', async () => {
      const files = { 'base/kustomization.yaml': names('1.4.1'), 'prod/kustomization.yaml': 'resources: [../base]' };
      assert.match(
        await refusal(files, shared),
        /^SharedFile: base\/kustomization.yaml is also read by argocd\/prod of Station prod/,
      );
    });

    it('refuses if it cannot determine that', async () => {
      const files = {
        'base/kustomization.yaml': names('1.4.1'),
        'prod/kustomization.yaml': { is: 'opaque' as const, why: 'is not UTF-8 text' },
      };
      assert.match(
        await refusal(files, shared),
        /^FileInvalid: it is unknown whether argocd\/prod of Station prod reads/,
      );
    });

    it('continues if nothing changes or nothing is shared', async () => {
      const files = { 'base/kustomization.yaml': names('1.4.2'), 'prod/kustomization.yaml': 'resources: [../base]' };
      assert.equal((await planned(files, shared)).files.size, 0);
      const apart = { 'base/kustomization.yaml': names('1.4.1'), 'prod/kustomization.yaml': names('1.4.0') };
      assert.equal((await planned(apart, shared)).files.size, 1);
    });
  });

  describe('after promotion.started', () => {
    const recorded = (value: string, file = 'dev/kustomization.yaml'): EditsWanted['started'] => ({
      branch: 'refs/heads/main',
      base: 'a'.repeat(40),
      replaces: [{ namespace: 'argocd', name: 'dev', file, target, value }],
    });

    it('edits a file that still names the old image', async () => {
      const plan = await planned(
        { 'dev/kustomization.yaml': names('1.4.1', '# new\n') },
        { started: recorded(before) },
      );
      assert.deepEqual([...plan.files.values()], [names('1.4.2', '# new\n')]);
    });

    it('changes nothing in a file that names our image', async () => {
      const plan = await planned({ 'dev/kustomization.yaml': names('1.4.2') }, { started: recorded(before) });
      assert.equal(plan.files.size, 0);
    });

    it('detects that somebody changed the file', async () => {
      for (const files of [
        { 'dev/kustomization.yaml': names('1.3.0') },
        { 'dev/kustomization.yml': names('1.4.1') },
        { 'dev/kustomization.yaml': 'images: []' },
        { 'other/kustomization.yaml': names('1.4.1') },
      ]) {
        const edits = await planEdits(treesOf(files), part({ started: recorded(before) }));
        assert.equal(edits.is, 'changed', JSON.stringify(files));
      }
    });

    it('skips an Application that did not name the image then', async () => {
      const started = { branch: 'refs/heads/main', base: 'a'.repeat(40), replaces: [] };
      const { applications, files } = await planned({ 'dev/kustomization.yaml': names('1.4.1') }, { started });
      assert.deepEqual([applications[0]?.outcome, files.size], ['skipped', 0]);
    });
  });
});
