import assert from 'node:assert/strict';
import { forgeProvider, mergeMethod } from '@k8sta/contracts';
import { ForgeBench, type Proposing } from './forges.fixture.js';

const tip = /^[0-9a-f]{40}$/;

// The same behaviour is asked of all three. What differs is in a table.
for (const provider of forgeProvider.options) {
  describe(`pull requests on ${provider}`, () => {
    let bench: ForgeBench;
    let at: Proposing;

    before(async () => {
      bench = await ForgeBench.start(provider);
    });
    beforeEach(async () => {
      bench.server.heal();
      bench.server.forbid([]);
      at = await bench.repository();
    });
    after(() => bench.stop());

    it('are opened with title, labels and reviewers, and found by their branches', async () => {
      const forge = await at.forge();
      assert.equal(await forge.find(at.head, 'main'), undefined);
      const { proposal, notes } = await forge.open(at.wish({ reviewers: ['ann'] }));
      assert.deepEqual(notes, []);
      const { head, base, commit, state, isDraft } = proposal;
      assert.deepEqual(
        { head, base, commit, state, isDraft },
        {
          ...{ head: at.head, base: 'main', commit: at.commit, state: 'open', isDraft: false },
        },
      );
      assert.match(proposal.url, /^http:\/\/127\.0\.0\.1:\d+\/acme\/config-\d+\/.*\d+$/);
      const [pull] = await bench.server.pulls(at.name);
      assert.deepEqual([pull?.title, pull?.body, pull?.reviewers], ['Go to 1.5.0', 'Why.', ['ann']]);
      assert.equal((await forge.find(at.head, 'main'))?.number, proposal.number);
      assert.equal(await forge.find(at.head, 'other'), undefined);
      assert.equal(await forge.find('other', 'main'), undefined);
    });

    it('are not opened twice: the open one is returned', async () => {
      const forge = await at.forge();
      const first = await forge.open(at.wish());
      const second = await forge.open(at.wish());
      assert.equal(second.proposal.number, first.proposal.number);
      assert.equal((await bench.server.pulls(at.name)).length, 1);
    });

    it('are found open, although older ones between the same branches are closed', async () => {
      const { forge, number } = await at.open();
      await bench.server.closeByPerson(at.name, number);
      const { proposal } = await forge.open(at.wish());
      assert.notEqual(proposal.number, number);
      assert.equal((await forge.find(at.head, 'main'))?.number, proposal.number);
      await bench.server.closeByPerson(at.name, proposal.number);
      assert.equal((await forge.find(at.head, 'main'))?.number, proposal.number);
    });

    it('are opened although a label or a reviewer is refused, and a note says so', async () => {
      const forge = await at.forge();
      const { notes } = await forge.open(at.wish({ reviewers: ['nobody', 'bob'], labels: ['deploy'] }));
      assert.ok(
        notes.some((note) => /nobody/.test(note)),
        notes.join(),
      );
      const [pull] = await bench.server.pulls(at.name);
      assert.deepEqual(pull?.reviewers, ['bob']);
      // Gitea makes no label of its own accord.
      if (provider === 'gitea') assert.match(notes.join(), /no label deploy/);
      else assert.deepEqual(pull?.labels, ['deploy']);
    });

    it('say that nothing is to be merged', async () => {
      const forge = await at.forge();
      await at.repository.commit({ files: {}, message: 'Nothing', branch: 'gone' });
      await bench.server.deleteBranch(at.name, 'gone');
      await assert.rejects(forge.open(at.wish({ head: 'gone' })), { name: 'RemoteFault' });
    });

    it('can be merged, once the forge has found out', async () => {
      const forge = await at.forge();
      const { proposal } = await forge.open(at.wish());
      assert.equal(proposal.mergeable, 'unknown');
      assert.equal((await at.settled(forge, proposal.number)).mergeable, 'yes');
    });

    it('cannot be merged if they conflict', async () => {
      await at.moveBase({ 'tag.txt': '1.4.2\n' });
      const { settled } = await at.open();
      assert.equal(settled.mergeable, 'conflict');
      assert.match(settled.missing, /conflicts with its (?:base|target) branch/);
    });

    it('are drafts until people say otherwise', async () => {
      const { settled } = await at.open({ isDraft: true });
      assert.deepEqual([settled.isDraft, settled.mergeable, settled.missing], [true, 'blocked', 'it is a draft']);
    });

    it('wait for the rules of the branch, and say for which', async () => {
      await bench.server.setRules(at.name, { requiredReviews: 1 });
      const { forge, number, settled } = await at.open();
      assert.equal(settled.mergeable, 'blocked');
      assert.match(settled.missing, /approval|review/);
      await bench.server.approve(at.name, number);
      assert.equal((await at.settled(forge, number)).mergeable, 'yes');
    });

    it('wait for required checks', async () => {
      await bench.server.setRules(at.name, { requiredChecks: ['ci'] });
      const { forge, number, settled } = await at.open();
      assert.equal(settled.mergeable, 'blocked');
      assert.match(settled.missing, /check|pipeline/);
      await bench.server.reportCheck(at.name, at.commit, { name: 'ci', state: 'success' });
      assert.equal((await at.settled(forge, number)).mergeable, 'yes');
    });

    for (const method of mergeMethod.options) {
      it(`are merged by the method ${method}, and name the commit and the person`, async () => {
        if (provider === 'gitlab' && method === 'rebase') await bench.server.setRules(at.name, { methods: ['rebase'] });
        const { forge, number, settled } = await at.open();
        const message = 'Why.\n\nK8sTA-Ticket: 0f0f';
        const wish = { number, commit: settled.commit, method, title: 'Go to 1.5.0', message };
        assert.deepEqual(await forge.merge(wish), { is: 'merged' });
        const merged = await forge.get(number);
        assert.equal(merged?.state, 'merged');
        assert.deepEqual(merged?.merged, { commit: await at.repository.tip(), by: bench.server.bot });
        const last = (await at.repository.log()).at(-1);
        if (method !== 'rebase') assert.match(last?.message ?? '', /^Go to 1\.5\.0\n\nWhy\.\n\nK8sTA-Ticket: 0f0f/);
        // It says the same when it is asked again, as after a lost answer.
        assert.deepEqual(await forge.merge(wish), { is: 'merged' });
        assert.equal(bench.server.merges(at.name), 1);
      });
    }

    it('are not merged if the head has moved', async () => {
      const { forge, number } = await at.open();
      await bench.server.pushToBranch(at.name, at.head, { files: { 'tag.txt': '1.6.0\n' }, message: 'Mine' });
      await at.settled(forge, number);
      const refused = await forge.merge({ number, commit: at.commit, method: 'merge', title: 'a', message: 'b' });
      assert.equal(refused.is, 'refused');
      assert.equal(bench.server.merges(at.name), 0);
      assert.notEqual((await forge.get(number))?.commit, at.commit);
    });

    it('are not merged against the rules of the branch, and the forge says why', async () => {
      await bench.server.setRules(at.name, { requiredReviews: 1 });
      const { forge, number, settled } = await at.open();
      const wish = { number, commit: settled.commit, method: 'merge', title: 'a', message: 'b' } as const;
      const refused = await forge.merge(wish);
      assert.ok(refused.is === 'refused' && /approv/.test(refused.why), JSON.stringify(refused));
    });

    it('name the person who merged or closed them', async () => {
      const { forge, number } = await at.open();
      await bench.server.mergeByPerson(at.name, number, { method: 'squash', by: 'bob' });
      const merged = await forge.get(number);
      assert.equal(merged?.merged?.by, 'bob');
      assert.match(merged?.merged?.commit ?? '', tip);
      assert.equal(merged?.merged?.commit, await at.repository.tip());
      const other = await bench.repository();
      const opened = await other.open();
      await bench.server.closeByPerson(other.name, opened.number, 'carol');
      assert.deepEqual((await opened.forge.get(opened.number))?.closed, { by: 'carol' });
    });

    it('are closed with one comment', async () => {
      const { forge, number } = await at.open();
      await forge.close(number, 'A newer one rides.');
      await forge.close(number, 'A newer one rides.');
      const [pull] = await bench.server.pulls(at.name);
      assert.equal(pull?.state, 'closed');
      assert.deepEqual(
        pull?.comments.map(({ body }) => body),
        ['A newer one rides.'],
      );
    });

    it('are closed with one comment although the first attempt to close them fails', async () => {
      const { forge, number } = await at.open();
      const method = provider === 'gitlab' ? 'PUT' : 'PATCH';
      bench.server.fail({ is: 'status', status: 502 }, { method });
      await assert.rejects(forge.close(number, 'A newer one rides.'), /answered 502 \(server error\)/);
      await forge.close(number, 'A newer one rides.');
      const [pull] = await bench.server.pulls(at.name);
      assert.deepEqual([pull?.state, pull?.comments.length], ['closed', 1]);
    });

    it('keep the name of their branch after it is deleted', async () => {
      const { forge, number } = await at.open();
      await bench.server.mergeByPerson(at.name, number);
      await bench.server.deleteBranch(at.name, at.head);
      const merged = await forge.get(number);
      assert.deepEqual([merged?.head, merged?.state], [at.head, 'merged']);
    });

    it('do not exist under a number that nobody has opened', async () => {
      assert.equal(await (await at.forge()).get(4711), undefined);
    });
  });

  describe(`commits on ${provider}`, () => {
    let bench: ForgeBench;
    let at: Proposing;

    before(async () => {
      bench = await ForgeBench.start(provider);
    });
    beforeEach(async () => {
      at = await bench.repository();
    });
    after(() => bench.stop());

    it('have the state of all their checks, without ours', async () => {
      const forge = await at.forge();
      const report = (name: string, state: 'pending' | 'success' | 'failure') =>
        bench.server.reportCheck(at.name, at.commit, { name, state });
      assert.deepEqual(await forge.checksOf(at.commit), { state: 'none', names: [] });
      await forge.setStatus({ commit: at.commit, state: 'failure', context: 'k8sta/a/b', description: 'No.' });
      assert.deepEqual(await forge.checksOf(at.commit), { state: 'none', names: [] });
      await report('build', 'success');
      await report('smoke', 'pending');
      assert.deepEqual(await forge.checksOf(at.commit), { state: 'pending', names: ['smoke'] });
      await report('smoke', 'success');
      assert.deepEqual(await forge.checksOf(at.commit), { state: 'passed', names: [] });
      await report('scan', 'failure');
      assert.deepEqual(await forge.checksOf(at.commit), { state: 'failed', names: ['scan'] });
    });

    it('are judged by every page of their checks', async () => {
      const forge = await at.forge();
      for (let index = 0; index < 120; index++) {
        await bench.server.reportCheck(at.name, at.commit, { name: `check-${index}`, state: 'success' });
      }
      await bench.server.reportCheck(at.name, at.commit, { name: 'late', state: 'failure' });
      assert.deepEqual(await forge.checksOf(at.commit), { state: 'failed', names: ['late'] });
    });

    it('get a status, the same one any number of times', async () => {
      const forge = await at.forge();
      const status = {
        commit: at.commit,
        context: 'k8sta/a/b',
        description: 'x'.repeat(500),
        url: 'https://k8sta.test/1',
      };
      await forge.setStatus({ ...status, state: 'pending' });
      await forge.setStatus({ ...status, state: 'pending' });
      await forge.setStatus({ ...status, state: 'success' });
      await forge.setStatus({ ...status, state: 'success' });
      const last = bench.server.reports(at.name).at(-1);
      assert.deepEqual(
        [last?.name, last?.state, last?.description.length, last?.url],
        [...['k8sta/a/b', 'success', 140, 'https://k8sta.test/1']],
      );
    });
  });
}

describe('check runs and statuses on github', () => {
  it('count both', async () => {
    const bench = await ForgeBench.start('github');
    const at = await bench.repository();
    const forge = await at.forge();
    await bench.server.reportCheck(at.name, at.commit, { name: 'run', state: 'success' });
    await bench.server.reportCheck(at.name, at.commit, { name: 'status', state: 'failure', kind: 'status' });
    assert.deepEqual(await forge.checksOf(at.commit), { state: 'failed', names: ['status'] });
    await bench.stop();
  });
});

describe('a deployment on github', () => {
  it('is made once for a commit and an environment, and its states follow', async () => {
    const bench = await ForgeBench.start('github');
    const at = await bench.repository();
    const forge = await at.forge();
    const deployment = { commit: at.commit, environment: 'prod', description: 'Syncs' };
    await forge.deploy?.({ ...deployment, state: 'in_progress' });
    await forge.deploy?.({ ...deployment, state: 'success', url: 'https://k8sta.test/1' });
    const [made, ...others] = bench.server.deployments(at.name);
    assert.equal(others.length, 0);
    assert.deepEqual(
      made?.statuses.map(({ state }) => state),
      ['in_progress', 'success'],
    );
    await bench.stop();
  });
});
