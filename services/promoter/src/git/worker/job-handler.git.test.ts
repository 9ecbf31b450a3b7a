import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { linkSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type GitServer,
  type Repository,
  startGitServer,
  type TemporaryDirectory,
  temporaryDirectory,
} from '@k8sta/sandbox';
import { commitMessage } from '../../commit-message.js';
import { JobHandler } from './job-handler.js';
import type { Job, Remote } from './protocol.js';

const image = { repository: 'ghcr.io/acme/storefront', tag: '1.4.2' };
const file = 'apps/dev/kustomization.yaml';
const target = { kind: 'kustomize' as const };
const part = {
  id: 'ticket/dev/1/0',
  ticket: 'ticket',
  track: 'storefront',
  station: 'dev',
  branch: 'refs/heads/main',
  applications: [{ namespace: 'argocd', name: 'dev', sources: [{ path: 'apps/dev', type: 'Kustomize' }], image }],
  protectedSources: [],
  requestedAt: new Date().toISOString(),
};

const author = { name: 'K8sTA', email: 'k8sta@localhost' };
const notes: string[] = [];
const progress = { contact() {}, alive() {}, local() {}, note: (text: string) => void notes.push(text) };

function naming(tag: string): string {
  return `images:\n- name: ${image.repository}\n  newTag: ${tag}\n`;
}

describe('a job handler', () => {
  let server: GitServer;
  let directory: TemporaryDirectory;
  let repository: Repository;
  let remote: Remote;
  let handler: JobHandler;
  let mirror: string;
  let fetches: number;
  let count = 0;

  before(async () => {
    server = await startGitServer();
    directory = await temporaryDirectory('worker');
  });
  beforeEach(async () => {
    repository = await server.createRepository(`acme/config-${++count}`, { files: { [file]: naming('1.4.1') } });
    remote = { url: repository.url, username: server.user, password: server.password };
    mirror = join(directory.path, `${count}`);
    handler = new JobHandler(mirror);
    fetches = 0;
    server.intercept((seen) => {
      if (seen.service === 'git-upload-pack' && seen.step === 'advertise' && seen.headers.authorization) fetches++;
      return undefined;
    });
  });
  after(async () => {
    await server.stop();
    await directory.remove();
  });

  const ask = (job: Record<string, unknown>) => handler.handle({ remote, ...job } as Job, progress);
  const plan = async (change: object = {}) =>
    ((await ask({ op: 'plan', parts: [{ ...part, ...change }], author })) as { is: string }[])[0];
  const relation = (commit: string, revision: string | undefined, change: object = {}) => {
    const question = {
      repository: repository.url,
      branch: 'refs/heads/main',
      file,
      target,
      image,
      commit,
      revision,
      ...change,
    };
    return ask({ op: 'relation', question });
  };

  describe('asked how a commit relates to a revision', () => {
    let first: string;
    let ours: string;
    let later: string;

    beforeEach(async () => {
      first = await repository.tip();
      ours = await repository.commit({ files: { [file]: naming('1.4.2') }, message: 'Ours' });
      later = await repository.commit({ files: { [file]: naming('1.5.0') }, message: 'Later' });
    });

    it('tells same, contains and behind apart, and says what the revision names', async () => {
      assert.deepEqual(await relation(ours, ours), { relation: 'same', namesImage: true });
      const named = (tag: string) => `${image.repository}:${tag}`;
      assert.deepEqual(await relation(ours, later), { relation: 'contains', namesImage: false, named: named('1.5.0') });
      assert.deepEqual(await relation(ours, first), { relation: 'behind', namesImage: false, named: named('1.4.1') });
      assert.equal(fetches, 1);
    });

    it('says that another history is unrelated', async () => {
      const tree = await git('rev-parse', `${first}^{tree}`);
      const orphan = await git('commit-tree', tree, '-m', 'Orphan');
      await git('update-ref', 'refs/heads/orphan', orphan);
      await git('update-ref', 'refs/heads/both', await git('commit-tree', tree, '-m', 'x', '-p', orphan, '-p', later));
      await plan({ branch: 'refs/heads/both' });
      assert.deepEqual(await relation(ours, orphan, { file: undefined }), { relation: 'unrelated' });
    });

    it('fetches a revision that it does not know, and does not guess', async () => {
      await relation(ours, later);
      const next = await repository.commit({ files: { x: 'y' }, message: 'Next' });
      assert.deepEqual(await relation(ours, next, { file: undefined }), { relation: 'contains' });
      const reply = await relation(ours, 'f'.repeat(40));
      assert.match(JSON.stringify(reply), /^{"relation":"unknown","message":"refs\/heads\/main does not contain both/);
      assert.match(JSON.stringify(await relation(ours, 'v1.0')), /"unknown".*is not a commit id/);
    });

    it('uses the current tip when no revision is given', async () => {
      assert.deepEqual(await relation(ours, undefined), {
        ...{ relation: 'contains', namesImage: false, named: `${image.repository}:1.5.0` },
        revision: later,
        changedBy: { commit: later, author: 'Pat Person <pat@example.com>', ours: false },
      });
      const next = await repository.commit({ files: { [file]: naming('1.4.2') }, message: 'back' });
      assert.deepEqual(await relation(ours, undefined), { relation: 'contains', namesImage: true, revision: next });
    });

    it('fetches once for many questions', async () => {
      await Promise.all(Array.from({ length: 20 }, () => relation(ours, later)));
      assert.ok(fetches <= 2, `${fetches} fetches`);
    });

    it('reads every place that names the image', async () => {
      const also = { file: 'apps/also/kustomization.yaml', target };
      const both = await repository.commit({
        files: { [file]: naming('1.4.2'), [also.file]: naming('1.4.2') },
        message: 'Both',
      });
      const alsoIn = [also];
      assert.deepEqual(await relation(ours, both, { alsoIn }), { relation: 'contains', namesImage: true });
      const reverted = await repository.commit({ files: { [also.file]: naming('1.4.1') }, message: 'Revert one' });
      const named = `${image.repository}:1.4.1`;
      assert.deepEqual(await relation(ours, reverted, { alsoIn }), { relation: 'contains', namesImage: false, named });
    });

    it('does not guess how a file names the image', async () => {
      const message = `the question does not say how ${file} names the image`;
      assert.deepEqual(await relation(ours, ours, { target: undefined }), { relation: 'same', message });
    });

    it('says about the image only what it could read', async () => {
      await repository.commit({ files: { 'broken.yaml': 'a: [' }, message: 'Broken' });
      const tip = await repository.tip();
      assert.deepEqual(await relation(ours, tip, { file: 'none.yaml' }), { relation: 'contains', namesImage: false });
      for (const path of ['broken.yaml', '../x', 'apps']) {
        const reply = (await relation(ours, tip, { file: path })) as { namesImage?: boolean; message?: string };
        assert.equal(reply.namesImage, undefined);
        assert.ok(reply.message, path);
      }
    });
  });

  describe('with a server that redirects', () => {
    const seen: string[] = [];
    let other: Server;
    let otherUrl: string;

    before(async () => {
      other = createServer((request, response) => {
        seen.push(request.headers.authorization ?? '');
        response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="other"' }).end();
      }).listen(0, 'localhost');
      await once(other, 'listening');
      otherUrl = `http://localhost:${(other.address() as AddressInfo).port}`;
    });
    after(() => other.close());

    it('does not follow it to another host, and sends no secret there', async () => {
      server.intercept(({ repository, service }) => {
        const location = `${otherUrl}/${repository}.git/info/refs?service=${service}`;
        return { status: 302, headers: { Location: location } };
      });
      await assert.rejects(plan(), /cannot redirect from '127.0.0.1' to 'localhost'/);
      assert.deepEqual(seen, []);
    });

    it('follows it on the same host', async () => {
      const old = { ...remote, url: `${server.url}/old/name.git` };
      server.intercept(({ repository: name, service }) => {
        if (name !== 'old/name') return undefined;
        return { status: 301, headers: { Location: `${repository.url}/info/refs?service=${service}` } };
      });
      const author = { name: 'K8sTA', email: 'k8sta@localhost' };
      const job = { op: 'push', parts: [part], branch: 'refs/heads/main', author, remote: old };
      assert.equal(((await ask(job)) as { is: string }[])[0]?.is, 'pushed');
    });
  });

  it('refuses a tag as the branch', async () => {
    await git('tag', 'v1.2.0', 'main');
    const message = 'the targetRevision "v1.2.0" of argocd/dev is a tag; it must be a branch';
    assert.deepEqual(await plan({ branch: 'refs/heads/v1.2.0' }), { is: 'refused', reason: 'BranchMissing', message });
    assert.match(JSON.stringify(await plan({ branch: 'refs/heads/v1.3.0' })), /"BranchMissing".*has no refs/);
  });

  it('never follows a symbolic link in the repository', async () => {
    await linkOnServer('linked', 'apps/dev');
    const applications = [{ ...part.applications[0], sources: [{ path: 'linked' }] }];
    assert.match(JSON.stringify(await plan({ applications })), /"FileInvalid".*symbolic link/);
    const protectedSources = [{ namespace: 'argocd', name: 'prod', station: 'prod', source: { path: 'linked' } }];
    assert.match(JSON.stringify(await plan({ protectedSources })), /"SharedFile".*Station prod/);
  });

  describe('with a broken mirror', () => {
    for (const [how, breakIt] of [
      ['a missing object', () => damage((path) => rm(path, { force: true }))],
      // As a new file: the process has mapped the old one, and would crash if that became shorter.
      ['a damaged pack', () => damage((path) => rm(path, { force: true }).then(() => writeFile(path, 'noise')))],
      ['a directory that is not a repository', () => rm(join(mirror, 'HEAD'))],
      ['too many packs', () => crowd()],
    ] as const) {
      it(`starts again, and says so if it throws the mirror away: ${how}`, async () => {
        assert.equal(((await plan()) as { is: string }).is, 'ready');
        await breakIt();
        await repository.commit({ files: { x: how }, message: 'Next' });
        handler = new JobHandler(mirror);
        notes.length = 0;
        assert.equal(((await plan()) as { is: string }).is, 'ready');
        // libgit2 ignores a pack that it cannot read, and fetches everything again by itself.
        const said = how === 'a damaged pack' ? /^$/ : /^the mirror cannot be used and is fetched again: [^\n]+$/;
        assert.match(notes.join('\n'), said);
        assert.ok((await readdir(join(mirror, 'objects/pack'))).length < 10);
      });
    }

    async function damage(harm: (path: string) => Promise<void>): Promise<void> {
      const packs = join(mirror, 'objects/pack');
      for (const name of await readdir(packs)) await harm(join(packs, name));
    }

    async function crowd(): Promise<void> {
      const packs = join(mirror, 'objects/pack');
      const first = join(packs, 'pack-0.idx');
      await writeFile(first, '');
      for (let index = 1; index <= 2_000; index++) linkSync(first, join(packs, `pack-${index}.idx`));
    }

    it('keeps it if a killed process only left a lock', async () => {
      await plan();
      const refs = join(mirror, 'refs/k8sta');
      for (const name of await readdir(refs)) await writeFile(join(refs, `${name}.lock`), '');
      await writeFile(join(mirror, 'the-same-mirror'), '');
      await repository.commit({ files: { x: 'y' }, message: 'Next' });
      handler = new JobHandler(mirror);
      assert.equal(((await plan()) as { is: string }).is, 'ready');
      assert.ok((await readdir(mirror)).includes('the-same-mirror'));
    });
  });

  it('finds our commit under many others, with and without promotion.started', async () => {
    const base = await repository.tip();
    const message = commitMessage(part);
    const ours = await repository.commit({ files: { [file]: naming('1.4.2') }, message });
    for (let index = 0; index < 70; index++) await repository.commit({ files: { x: `${index}` }, message: 'Other' });
    const started = { branch: 'refs/heads/main', base, replaces: [] };
    const requestedAt = new Date(Date.now() - 3_600_000).toISOString();
    for (const change of [{ started }, { requestedAt }]) {
      const landed = (await plan(change)) as { is: string; commit: string };
      assert.deepEqual([landed.is, landed.commit], ['landed', ours]);
    }
  });

  it('changes no other file', async () => {
    const before = await git('ls-tree', '-r', 'main');
    const author = { name: 'K8sTA', email: 'k8sta@localhost' };
    const pushed = await ask({ op: 'push', parts: [part], branch: 'refs/heads/main', author });
    assert.equal((pushed as { is: string }[])[0]?.is, 'pushed');
    const changed = (await git('ls-tree', '-r', 'main')).split('\n').filter((line) => !before.includes(line));
    assert.deepEqual(
      changed.map((line) => line.split('\t')[1]),
      [file],
    );
    assert.equal(await git('fsck', '--strict', '--no-dangling'), '');
  });

  async function linkOnServer(path: string, target: string): Promise<void> {
    const work = await temporaryDirectory('link');
    const env = { ...process.env, GIT_INDEX_FILE: join(work.path, 'index') };
    const source = join(work.path, 'target');
    await writeFile(source, target);
    const blob = await git('hash-object', '-w', source);
    const run = (...args: string[]) => promisify(execFile)('git', args, { cwd: repository.directory, env });
    await run('read-tree', 'main');
    await run('update-index', '--add', '--cacheinfo', `120000,${blob},${path}`);
    const { stdout: tree } = await run('write-tree');
    await git('update-ref', 'refs/heads/main', await git('commit-tree', tree.trim(), '-m', 'Link', '-p', 'main'));
    await work.remove();
  }

  /** On the server's own disk. */
  async function git(...args: string[]): Promise<string> {
    const env = {
      ...process.env,
      GIT_AUTHOR_NAME: 'Pat',
      GIT_AUTHOR_EMAIL: 'pat@example.com',
      GIT_COMMITTER_NAME: 'Pat',
      GIT_COMMITTER_EMAIL: 'pat@example.com',
    };
    return (await promisify(execFile)('git', args, { cwd: repository.directory, env })).stdout.trim();
  }
});
