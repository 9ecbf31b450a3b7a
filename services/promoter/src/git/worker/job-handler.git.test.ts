import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { git, type Repository } from '@k8sta/sandbox';
import { commitMessage } from '../../commit-message.js';
import { author, branch, file, HandlerStage, naming, part, pat } from './handler.fixture.js';
import type { JobHandler } from './job-handler.js';

describe('a job handler', () => {
  let stage: HandlerStage;
  let repository: Repository;
  let handler: JobHandler;

  before(async () => {
    stage = await HandlerStage.start();
  });
  beforeEach(async () => {
    ({ repository, handler } = await stage.next({ [file]: naming('1.4.1') }));
  });
  after(() => stage.stop());

  const listed = () => git(['ls-tree', '-r', 'main'], { directory: repository.directory });
  const plan = async (change: object = {}) => {
    const job = { op: 'plan', parts: [{ ...part, ...change }], author };
    return (await stage.ask<{ is: string; commit?: string }[]>(handler, repository, job))[0];
  };
  const push = async (change: object = {}) => {
    const job = { op: 'push', parts: [part], branch, author, ...change };
    return (await stage.ask<{ is: string }[]>(handler, repository, job))[0];
  };

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
      stage.server.intercept(({ repository, service }) => {
        const location = `${otherUrl}/${repository}.git/info/refs?service=${service}`;
        return { status: 302, headers: { Location: location } };
      });
      await assert.rejects(plan(), /cannot redirect from '127.0.0.1' to 'localhost'/);
      assert.deepEqual(seen, []);
    });

    it('follows it on the same host', async () => {
      const remote = { ...stage.remoteOf(repository), url: `${stage.server.url}/old/name.git` };
      stage.server.intercept(({ repository: name, service }) => {
        if (name !== 'old/name') return undefined;
        return { status: 301, headers: { Location: `${repository.url}/info/refs?service=${service}` } };
      });
      assert.equal((await push({ remote }))?.is, 'pushed');
    });
  });

  it('refuses a tag as the branch', async () => {
    await git(['tag', 'v1.2.0', 'main'], { directory: repository.directory });
    const message = 'the targetRevision "v1.2.0" of argocd/dev is a tag; it must be a branch';
    assert.deepEqual(await plan({ branch: 'refs/heads/v1.2.0' }), { is: 'refused', reason: 'BranchMissing', message });
    assert.match(JSON.stringify(await plan({ branch: 'refs/heads/v1.3.0' })), /"BranchMissing".*has no refs/);
  });

  it('never follows a symbolic link in the repository', async () => {
    await commitOnServer([inline('120000', 'linked', 'apps/dev')]);
    const applications = [{ ...part.applications[0], sources: [{ path: 'linked' }] }];
    assert.match(JSON.stringify(await plan({ applications })), /"FileInvalid".*symbolic link/);
    const protectedSources = [{ namespace: 'argocd', name: 'prod', station: 'prod', source: { path: 'linked' } }];
    assert.match(JSON.stringify(await plan({ protectedSources })), /"SharedFile".*Station prod/);
  });

  it('finds our commit under many others, with and without promotion.started', async () => {
    const base = await repository.tip();
    const message = commitMessage(part);
    const ours = await repository.commit({ files: { [file]: naming('1.4.2') }, message });
    await commitOnServer(Array.from({ length: 70 }, (_, index) => inline('100644', 'x', `${index}`)));
    const started = { branch, base, replaces: [] };
    const requestedAt = new Date(Date.now() - 3_600_000).toISOString();
    for (const change of [{ started }, { requestedAt }]) {
      const landed = await plan(change);
      assert.deepEqual([landed?.is, landed?.commit], ['landed', ours]);
    }
  });

  it('changes no other file', async () => {
    const before = await listed();
    assert.equal((await push())?.is, 'pushed');
    const changed = (await listed()).split('\n').filter((line) => !before.includes(line));
    assert.deepEqual(
      changed.map((line) => line.split('\t')[1]),
      [file],
    );
    assert.equal(await git(['fsck', '--strict', '--no-dangling'], { directory: repository.directory }), '');
  });

  /** Commits on top of the branch, in one process. Format: https://git-scm.com/docs/git-fast-import */
  async function commitOnServer(changes: readonly string[]): Promise<void> {
    const when = `${Math.floor(Date.now() / 1_000)} +0000`;
    const commits = changes.map((change, index) =>
      [
        `commit ${branch}`,
        `committer ${pat} ${when}`,
        'data 5',
        'Other',
        ...(index ? [] : [`from ${branch}^0`]),
        change,
      ].join('\n'),
    );
    const input = `${commits.join('\n')}\ndone\n`;
    await git(['fast-import', '--quiet', '--done'], { directory: repository.directory, input });
  }

  function inline(mode: '100644' | '120000', path: string, text: string): string {
    return `M ${mode} inline ${path}\ndata ${text.length}\n${text}\n`;
  }
});
