import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Repository } from '../git/repository.js';
import { type GitServer, startGitServer } from '../git/server.js';
import { type HttpServer, serveHttp } from '../http-server.js';
import { freePort } from '../port.js';
import { ask, callsOf } from './forge.fixture.js';
import { type ForgeServer, startForge } from './start-forge.js';

const secret = 'a secret of the webhook';

for (const provider of ['github', 'gitlab', 'gitea'] as const) {
  describe(`the webhooks of the stand-in for ${provider}`, () => {
    let git: GitServer;
    let forge: ForgeServer;
    let repository: Repository;
    let receiver: HttpServer;
    // biome-ignore lint/suspicious/noExplicitAny: the tests read fields of any webhook.
    const received: { headers: IncomingHttpHeaders; raw: string; body: any }[] = [];
    const branch = 'k8sta/web/prod/t1';

    before(async () => {
      git = await startGitServer();
      forge = await startForge({ provider, git });
      receiver = await serveHttp(async (request, response) => {
        const raw = await text(request);
        received.push({ headers: request.headers, raw, body: JSON.parse(raw) });
        response.writeHead(204).end();
      });
      forge.webhooks.sendTo({ url: receiver.url, secret });
      repository = await forge.createRepository('acme/config', { files: { 'a.txt': 'a\n' } });
    });
    after(async () => {
      await forge.stop();
      await receiver.stop();
      await git.stop();
    });

    it('signs them and says what happened, with the fields of the real ones', async () => {
      const head = await forge.pushToBranch(repository.name, branch, { files: { 'a.txt': '1\n' }, message: 'Change' });
      await ask(forge, ...callsOf[provider].open(repository.name, branch, 'Change'));
      await forge.reportCheck(repository.name, head, { name: 'build', state: 'success' });
      await forge.mergeByPerson(repository.name, 1, { by: 'bob' });
      await forge.webhooks.settled();
      assert.equal(forge.webhooks.deliveries.length, 3);
      assert.ok(forge.webhooks.deliveries.every(({ status }) => status === 204));
      const merged = received.find(
        ({ body }) => body.pull_request?.merged === true || body.object_attributes?.action === 'merge',
      );
      assert.ok(merged);
      const { headers, raw, body } = merged;
      const mac = createHmac('sha256', secret).update(raw).digest('hex');
      const tip = await repository.tip();
      if (provider === 'gitlab') {
        assert.equal(headers['x-gitlab-token'], secret);
        assert.equal(headers['x-gitlab-event'], 'Merge Request Hook');
        const { iid, state, source_branch, target_branch, merge_commit_sha, last_commit } = body.object_attributes;
        assert.deepEqual([iid, state, source_branch, target_branch], [1, 'merged', branch, 'main']);
        assert.deepEqual([merge_commit_sha, last_commit.id], [tip, head]);
        assert.deepEqual([body.user.username, body.project.path_with_namespace], ['bob', 'acme/config']);
        return;
      }
      if (provider === 'gitea') assert.equal(headers['x-gitea-signature'], mac);
      assert.equal(headers['x-hub-signature-256'], `sha256=${mac}`);
      assert.equal(headers[`x-${provider}-event`], 'pull_request');
      const { number, merge_commit_sha, merged_by, head: shown, base } = body.pull_request;
      assert.deepEqual([body.action, number, merge_commit_sha, merged_by.login], ['closed', 1, tip, 'bob']);
      assert.deepEqual([shown.ref, shown.sha, base.ref], [branch, head, 'main']);
      assert.deepEqual([body.sender.login, body.repository.full_name], ['bob', 'acme/config']);
    });

    it('answers the API although the receiver is down', async () => {
      const before = forge.webhooks.deliveries.length;
      forge.webhooks.sendTo({ url: `http://127.0.0.1:${await freePort()}/`, secret });
      await forge.pushToBranch(repository.name, 'next', { files: { 'a.txt': '2\n' }, message: 'Change' });
      const { status } = await ask(forge, ...callsOf[provider].open(repository.name, 'next', 'Change'));
      assert.equal(status, 201);
      await forge.webhooks.settled();
      assert.equal(forge.webhooks.deliveries.length, before + 1);
      assert.equal(forge.webhooks.deliveries.at(-1)?.status, undefined);
    });
  });
}
