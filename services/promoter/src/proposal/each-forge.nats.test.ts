import assert from 'node:assert/strict';
import { until } from '@k8sta/sandbox';
import { promotionOf } from '../commit-message.js';
import { failure } from '../promoter.fixture.js';
import { ForgeStage, file, image, naming } from './forge-stage.fixture.js';

for (const provider of ['github', 'gitlab', 'gitea'] as const) {
  describe(`a part that is written by pull request on ${provider}`, () => {
    let at: ForgeStage;

    before(async () => {
      at = await ForgeStage.start(provider);
    });
    beforeEach(() => at.reset());
    after(() => at.stop());

    const tip = () => at.repository.tip();

    it('opens one request, publishes it, and waits for people', async () => {
      const base = await tip();
      const request = at.request({ labels: ['k8sta'], reviewers: ['ann'] });
      const outcome = await at.deliver(request);
      assert.ok(outcome.is === 'later', JSON.stringify(outcome));
      assert.match(outcome.because, /^pull request #1 waits for (people to merge it|the forge to find out)/);
      assert.ok(outcome.delayMs >= 5_000 && outcome.delayMs <= 15_000, `${outcome.delayMs}`);
      const pull = await at.pull();
      const { title, body, head, base: into, labels } = pull;
      assert.deepEqual([head, into], [at.head, 'main']);
      // Gitea knows only the labels that the repository has.
      if (provider === 'gitea') assert.match(outcome.because, /k8sta/);
      else assert.deepEqual(labels, ['k8sta']);
      assert.equal(title, 'storefront/prod: ghcr.io/acme/storefront 1.4.2');
      assert.match(body, /^Promotes Station `prod` of Track `storefront`/);
      assert.equal(promotionOf(body), `${at.ticket}/prod/1/0`);
      assert.equal(await at.repository.read(file, at.head), naming('1.4.2'));
      assert.equal(await tip(), base);
      const [event, ...more] = await at.proposed();
      assert.equal(more.length, 0);
      assert.deepEqual(
        [event?.provider, event?.number, event?.branch, event?.head, event?.commit, event?.request],
        [provider, 1, 'refs/heads/main', `refs/heads/${at.head}`, await at.repository.tip(at.head), request],
      );
      assert.match(event?.url ?? '', /^http/);
      assert.match(await at.waits(request), /^pull request #1 waits for people to merge it/);
      assert.equal((await at.pulls()).length, 1);
      assert.equal((await at.stage.answers(request)).length, 0);
    });

    for (const method of ['merge', 'squash', 'rebase'] as const) {
      it(`is committed by the ${method} of a person`, async () => {
        await at.deliver();
        await at.repository.commit({ files: { other: '1' }, message: 'Rival' });
        const merged = await at.forge.mergeByPerson(at.repository.name, 1, { method });
        await at.repository.commit({ files: { other: '2' }, message: 'Later' });
        const answer = await at.answer();
        assert.ok(answer.is === 'committed', JSON.stringify(answer));
        assert.deepEqual([answer.commit, answer.revision, answer.branch], [merged, merged, 'refs/heads/main']);
        const [application] = answer.applications;
        assert.deepEqual(
          [application?.outcome, application?.before, application?.after],
          ['edited', `${image.repository}:1.4.1`, `${image.repository}:1.4.2`],
        );
        assert.equal(await at.hasBranch(), false);
      });
    }

    for (const method of [undefined, 'squash', 'rebase'] as const) {
      it(`merges by itself: ${method ?? 'without a method'}`, async () => {
        // A GitLab project has one of the two ways.
        if (provider === 'gitlab' && method === 'rebase') {
          await at.forge.setRules(at.repository.name, { methods: ['rebase'] });
        }
        const wish = { merge: 'auto' as const, ...(method && { method }) };
        const answer = await at.answer(at.request(wish));
        assert.ok(answer.is === 'committed', JSON.stringify(answer));
        assert.equal(answer.commit, await tip());
        const last = (await at.repository.log()).at(-1);
        assert.equal(last?.trailers['K8sTA-Promotion'], `${at.ticket}/prod/1/0`);
        if (method !== 'rebase') assert.equal(last?.subject, 'storefront/prod: ghcr.io/acme/storefront 1.4.2 (#1)');
        assert.equal(at.forge.merges(at.repository.name), 1);
        assert.equal(await at.hasBranch(), false);
      });
    }

    it('merges when the checks have passed', async () => {
      const request = at.request({ merge: 'whenChecksPass' });
      assert.match(await at.waits(request), /its first check: none was reported/);
      const commit = await at.repository.tip(at.head);
      const check = (name: string, state: 'pending' | 'success' | 'failure') =>
        at.forge.reportCheck(at.repository.name, commit, { name, state });
      await check('test', 'pending');
      assert.match(await at.waits(request), /test/);
      await check('test', 'failure');
      assert.match(await at.waits(request), /failed: test/);
      await check('test', 'success');
      const answer = await at.answer(request);
      assert.ok(answer.is === 'committed' && answer.commit === (await tip()));
    });

    it('applies its commit again on the new tip when there is a conflict', async () => {
      await at.deliver();
      const commit = await at.repository.tip(at.head);
      const moved = await at.repository.commit({
        files: { [file]: naming('1.4.1').replace('# ours', '# theirs') },
        message: 'A conflict',
      });
      // Gitea says the same of a conflict and of a check that is not over.
      const isAgain = async () => {
        await at.waits();
        return (await at.repository.log(at.head)).at(-1)?.parents[0] === moved;
      };
      await until(isAgain, { deadlineMs: 30_000 });
      const again = await at.repository.log(at.head);
      assert.notEqual(again.at(-1)?.sha, commit);
      assert.equal(await at.repository.read(file, at.head), naming('1.4.2').replace('# ours', '# theirs'));
      await at.forge.mergeByPerson(at.repository.name, 1);
      assert.equal((await at.answer()).is, 'committed');
    });

    it('fails when a person closes the request, and deletes its branch', async () => {
      await at.deliver();
      await at.forge.closeByPerson(at.repository.name, 1, 'bob');
      assert.match(
        failure(await at.answer()),
        /^ProposalClosed: pull request #1 was closed by bob without a merge: http/,
      );
      assert.equal(await at.hasBranch(), false);
    });

    it('closes the request when the tracker does not want it any more, and opens another when it does again', async () => {
      await at.deliver();
      at.stage.wanted = () => ({ wanted: false, message: 'superseded by @bob 1.4.3' });
      assert.equal(failure(await at.answer()), 'Withdrawn: superseded by @bob 1.4.3');
      const pull = await at.pull();
      assert.equal(pull.state, 'closed');
      assert.match(pull.comments.at(-1)?.body ?? '', /^K8sTA closes this: superseded by @\u200Bbob 1.4.3$/);
      assert.equal(await at.hasBranch(), false);
      at.stage.wanted = () => ({ wanted: true });
      const request = at.request({}, { issue: 1 });
      assert.match(await at.waits(request), /^pull request #2 waits for people/);
      assert.equal((await at.deliver()).is, 'done');
      await at.forge.closeByPerson(at.repository.name, 2);
      assert.match(failure(await at.answer(request)), /^ProposalClosed: pull request #2/);
      assert.equal((await at.pulls()).length, 2);
    });
  });
}
