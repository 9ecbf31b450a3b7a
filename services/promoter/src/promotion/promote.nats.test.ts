import assert from 'node:assert/strict';
import { eventId } from '@k8sta/contracts';
import type { Repository } from '@k8sta/sandbox';
import {
  type Answer,
  application,
  failure,
  file,
  image,
  isPush,
  naming,
  type Replica,
  type Request,
  type Stage,
} from '../promoter.fixture.js';
import { repositoryForEach } from '../shared-stage.fixture.js';

describe('a promotion part', () => {
  let stage: Stage;
  let replica: Replica;
  let repository: Repository;

  repositoryForEach((next) => {
    ({ stage, replica, repository } = next);
  });

  const request = (change: Partial<Request> = {}) => stage.request(repository, change);
  const promote = (change: Partial<Request> = {}) => stage.answer(replica, request(change));
  const begin = (base: string) => stage.begin(request(), base);
  const started = () => stage.started(request());

  describe('makes one commit', () => {
    it('with trailers, and publishes what it changed', async () => {
      const { ticket, promotion } = request();
      const answer = await promote();
      const commit = (await repository.log())[1];
      assert.ok(answer.is === 'committed' && commit);
      assert.equal(answer.commit, commit.sha);
      assert.equal(answer.revision, commit.sha);
      assert.equal(answer.branch, 'refs/heads/main');
      assert.equal(commit.subject, 'storefront/dev: ghcr.io/acme/storefront 1.4.2');
      assert.deepEqual(commit.author, { name: 'K8sTA', email: 'k8sta@localhost' });
      assert.deepEqual(commit.files, [file]);
      assert.deepEqual(commit.trailers, {
        'K8sTA-Ticket': ticket,
        'K8sTA-Track': 'storefront',
        'K8sTA-Station': 'dev',
        'K8sTA-Promotion': `${promotion}/0`,
      });
      assert.equal(await repository.read(file), naming('1.4.2'));
      const before = `${image.repository}:1.4.1`;
      const after = `${image.repository}:1.4.2`;
      assert.deepEqual(answer.applications, [
        { namespace: 'argocd', name: 'dev', file, target: { kind: 'kustomize' }, outcome: 'edited', before, after },
      ]);
    });

    it('and publishes the tip of the branch before it pushes', async () => {
      const base = await repository.tip();
      let saidBefore = false;
      stage.server.intercept(async (seen) => {
        if (isPush(seen)) saidBefore = (await started()).length === 1;
        return undefined;
      });
      await promote();
      assert.ok(saidBefore);
      const [event] = await started();
      assert.equal(event?.data.base, base);
      assert.deepEqual(event?.data.replaces, [
        { namespace: 'argocd', name: 'dev', file, target: { kind: 'kustomize' }, value: `${image.repository}:1.4.1` },
      ]);
    });

    it('of ten deliveries through the bus', async () => {
      await stage.bus.consume('promotion.requested', replica.handle);
      const once = request();
      for (let repeat = 0; repeat < 10; repeat++) {
        const id = eventId('promotion.requested', once.promotion, once.part, 0, repeat);
        await stage.tracker.publish({ type: 'promotion.requested', id, data: once });
      }
      const last = request({ issue: 1 });
      await stage.tracker.publish({
        type: 'promotion.requested',
        id: eventId('promotion.requested', 'last'),
        data: last,
      });
      let answers: Answer[] = [];
      while (answers.length < 2) answers = await stage.answers(once);
      const commits = new Set(answers.map((answer) => answer.is === 'committed' && answer.commit));
      assert.deepEqual([...commits], [await repository.tip()]);
      assert.equal((await repository.log()).length, 2);
    });

    it('however late it is delivered again', async () => {
      const first = await promote();
      for (const ahead of [0, 3_500_000, 3_700_000, 30 * 86_400_000]) {
        stage.ahead = ahead;
        await stage.deliver(
          replica,
          request({ issue: 1 + ahead, requestedAt: first.is === 'committed' ? first.committedAt : '' }),
        );
      }
      const answers = await stage.answers(request());
      assert.equal(answers.length, 5);
      for (const answer of answers) assert.ok(answer.is === 'committed' && answer.commit === (await repository.tip()));
      assert.equal((await repository.log()).length, 2);
    });

    it('of two Applications, and skips what does not name the image', async () => {
      await repository.commit({
        files: { 'apps/eu/kustomization.yaml': naming('1.4.1'), 'apps/db/kustomization.yaml': 'a: b\n' },
        message: 'More',
      });
      const answer = await promote({ applications: ['dev', 'eu', 'db'].map((name) => application(name)) });
      assert.ok(answer.is === 'committed');
      assert.deepEqual(
        answer.applications.map(({ name, outcome }) => `${name} ${outcome}`),
        ['dev edited', 'eu edited', 'db skipped'],
      );
      assert.deepEqual((await repository.log()).at(-1)?.files, [
        'apps/dev/kustomization.yaml',
        'apps/eu/kustomization.yaml',
      ]);
    });

    it("on the remote's default branch when none is named, and on the named one when it is", async () => {
      await repository.commit({ branch: 'staging', files: { x: 'y' }, message: 'Staging' });
      const unnamed = request();
      delete unnamed.branch;
      const answer = await stage.answer(replica, unnamed);
      assert.ok(answer.is === 'committed' && answer.branch === 'refs/heads/main');
      const staging = await promote({ branch: 'refs/heads/staging', part: 1 });
      assert.ok(staging.is === 'committed' && staging.commit === (await repository.tip('staging')));
    });
  });

  it('makes no commit when the file already names the image, and does not ask the tracker', async () => {
    const tip = await repository.commit({ files: { [file]: naming('1.4.2') }, message: 'By hand' });
    const answer = await promote();
    assert.ok(answer.is === 'committed');
    assert.deepEqual([answer.revision, answer.commit, answer.applications[0]?.outcome], [tip, undefined, 'unchanged']);
    assert.equal(stage.asked, 0);
    assert.equal(await repository.tip(), tip);
  });

  describe('after a crash', () => {
    it('finds the push whose answer was lost', async () => {
      stage.server.intercept((seen) => (isPush(seen) ? 'loseAnswer' : undefined));
      assert.equal((await stage.deliver(replica, request())).is, 'later');
      stage.server.intercept(undefined);
      const pushed = await repository.tip();
      await repository.commit({ files: { [file]: naming('1.3.0') }, message: 'Hold back' });
      stage.ahead = 5_000;
      const answer = await stage.answer(replica, request());
      assert.ok(answer.is === 'committed' && answer.commit === pushed && answer.revision === pushed);
      assert.deepEqual(answer.applications[0]?.after, 'ghcr.io/acme/storefront:1.4.2');
      assert.equal(await repository.read(file), naming('1.3.0'));
    });

    it('finds the push even when the stream has lost promotion.started', async () => {
      await promote();
      const commit = await repository.tip();
      await repository.commit({ files: { [file]: naming('1.3.0') }, message: 'Hold back' });
      const answer = await stage.answer(stage.replica(), request({ station: 'wiped', issue: 1 }));
      assert.ok(answer.is === 'committed' && answer.commit === commit);
      assert.equal(await repository.read(file), naming('1.3.0'));
    });

    for (const meanwhile of [0, 1]) {
      it(`continues from where it started, with ${meanwhile} commits of others since`, async () => {
        await begin(await repository.tip());
        if (meanwhile) await repository.commit({ files: { x: 'y' }, message: 'Meanwhile' });
        const answer = await promote();
        assert.ok(answer.is === 'committed' && answer.commit === (await repository.tip()));
        assert.equal((await started()).length, 1);
      });
    }

    it('refuses a branch whose history was rewritten', async () => {
      await begin('1'.repeat(40));
      assert.match(failure(await promote()), /^BranchRewritten: /);
      assert.equal((await repository.log()).length, 1);
    });
  });
});
