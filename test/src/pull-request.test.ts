import assert from 'node:assert/strict';
import { type ForgeProvider, forgeProvider, type MergeMethod, proposalBranch } from '@k8sta/contracts';
import { type ForgeServer, storefront, until } from '@k8sta/sandbox';
import { promotionsOf } from './as-if-nothing-happened.js';
import { quickToTakeOver, startTestSystem, type TestSystem } from './test-system.js';

const byPeople = 'write: {pullRequest: {merge: byPeople}, statuses: true}';

/** How the person merges there. services/promoter/src/proposal/proposal.nats.test.ts merges in every way on each forge. */
const methodOn: Readonly<Record<ForgeProvider, MergeMethod>> = { github: 'squash', gitlab: 'merge', gitea: 'rebase' };

for (const provider of forgeProvider.options) {
  describe(`dev and stage by commits, prod by pull request on ${provider}`, () => {
    let railway: TestSystem;
    let forge: ForgeServer;

    before(async () => {
      railway = await startTestSystem({
        line: { ...storefront, order: 'push', keys: { dev: 'afterRevert: goOn', prod: byPeople } },
        ...{ deadline: '1m', forge: { provider }, environment: quickToTakeOver },
      });
      if (!railway.forge) throw new Error('the system has no forge');
      forge = railway.forge;
    });
    after(() => railway?.stop());

    const name = () => railway.repository.name;
    const proposed = async (ticket: string) =>
      (await railway.tap.find('promotion.proposed', ({ data }) => data.ticket === ticket)).data;
    const committed = async (ticket: string) =>
      (await railway.tap.find('promotion.committed', ({ data }) => data.ticket === ticket && data.station === 'prod'))
        .data;

    const method = methodOn[provider];
    it(`a person merges by ${method}: the Ticket goes on from that commit, and the branch is deleted`, async () => {
      const tag = '2.0.0';
      const ticket = await railway.pushUntilAccepted(tag);
      const { number, url, head } = await proposed(ticket);
      assert.equal(
        head,
        `refs/heads/${proposalBranch({ track: 'storefront', station: 'prod', ticket, attempt: 1, part: 0 })}`,
      );
      const state = await railway.tap.find(
        'ticket.promoting',
        ({ data }) => data.ticket === ticket && data.station === 'prod',
      );
      assert.equal(state.data.parts, 1);
      const merge = await forge.mergeByPerson(name(), number, { method, by: 'ann' });
      await railway.tap.completed(ticket, 60_000);
      const { commit, branch } = await committed(ticket);
      assert.deepEqual([commit, branch], [merge, 'refs/heads/main']);
      assert.match(
        (await railway.repository.read('apps/storefront-prod/kustomization.yaml')) ?? '',
        new RegExp(`newTag: "?${tag}`),
      );
      const promotions = [...new Set(await promotionsOf(railway, ticket))];
      // A person who squashes may drop the trailers: the commit of record is then the one that the forge names.
      const ofOthers = promotions.filter((each) => each !== `${ticket}/prod/1/0`);
      assert.deepEqual(
        ofOthers,
        ['dev', 'stage'].map((station) => `${ticket}/${station}/1/0`),
      );
      const isShown = () => forge.reports(name()).some((each) => each.commit === merge && each.state === 'success');
      await until(isShown, { what: 'the status of the merge' });
      const pulls = (await forge.pulls(name())).filter((pull) => `refs/heads/${pull.head}` === head);
      assert.deepEqual(
        pulls.map(({ state: is }) => is),
        ['merged'],
        url,
      );
      assert.equal(
        await railway.repository.tip(head.replace('refs/heads/', '')).catch(() => undefined),
        undefined,
        'the branch is deleted',
      );
    });

    it('a person closes it: the Ticket fails and names them', async () => {
      const ticket = await railway.pushUntilAccepted('2.1.0');
      const { number } = await proposed(ticket);
      await forge.closeByPerson(name(), number, 'bob');
      const { data } = await railway.tap.find('ticket.failed', (event) => event.data.ticket === ticket);
      assert.equal(data.reason, 'ProposalClosed');
      assert.match(data.message, /bob/);
    });

    it('a newer Ticket closes the pull request of the older one, with a comment that names it', async () => {
      const older = await railway.pushUntilAccepted('2.2.0');
      const { number } = await proposed(older);
      const newer = await railway.pushUntilAccepted('2.2.1');
      const { number: next } = await proposed(newer);
      await railway.tap.find('ticket.superseded', ({ data }) => data.ticket === older);
      const pulls = await forge.pulls(name());
      const closed = pulls.find((pull) => pull.number === number);
      assert.equal(closed?.state, 'closed');
      assert.ok(
        closed.comments.some(({ body }) => body.includes(newer)),
        JSON.stringify(closed.comments),
      );
      await forge.mergeByPerson(name(), next, { method: 'merge', by: 'ann' });
      await railway.tap.completed(newer, 60_000);
    });
  });
}
