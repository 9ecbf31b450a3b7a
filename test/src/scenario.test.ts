import assert from 'node:assert/strict';
import { scenarios, storefront } from '@k8sta/sandbox';
import { sharedSystem } from './shared-system.js';
import { startTestSystem, type TestSystem } from './test-system.js';

/** Every way in which an Application can behave, at one of the two Applications of the middle Station. */
describe('when an Application is', () => {
  let railway: TestSystem;
  let patch = 0;

  async function push(): Promise<string | undefined> {
    patch += 1;
    return (await railway.push(`3.0.${patch}`)).tickets[0];
  }

  before(async () => {
    railway = await sharedSystem('plain');
  });

  for (const { name, what, scenario, ends, message } of scenarios.filter((each) => !each.layout)) {
    it(`${name}: ${what}`, async () => {
      const application = 'storefront-stage-us';
      const spec = railway.applications.find((each) => each.name === application);
      assert.ok(spec);
      railway.argo.setScenario(
        application,
        scenario.kind === 'laterCommitWins' ? { ...scenario, repository: railway.repository } : scenario,
      );
      const ticket = await push();
      if (ends === 'completed') {
        await railway.tap.completed(ticket);
      } else if (ends === 'waiting') {
        const isSaid = (text: string) => (message ?? /./).test(text);
        const { data } = await railway.tap.find(
          'ticket.syncing',
          (event) => event.data.ticket === ticket && isSaid(event.data.message),
        );
        assert.match(data.message, /argocd\/storefront-stage-us/);
        // A person acts.
        railway.argo.setScenario(application, { kind: 'healthy' });
        await railway.tap.completed(ticket);
      } else {
        const { data } = await railway.tap.find('ticket.failed', (event) => event.data.ticket === ticket);
        assert.match(data.message, message ?? /./);
        assert.match(data.message, /argocd\/storefront-stage-us/);
        assert.equal(data.station, 'stage');
      }
      const stations = (await railway.repository.log())
        .filter(({ trailers }) => trailers['K8sTA-Ticket'] === ticket)
        .map(({ trailers }) => trailers['K8sTA-Station']);
      assert.deepEqual(stations, ends === 'failed' ? ['dev', 'stage'] : ['dev', 'stage', 'prod']);
      if (scenario.kind === 'deleted') {
        railway.argo.createApplication(spec);
        await railway.argo.ready([application]);
      }
      railway.argo.setScenario(application, { kind: 'healthy' });
      // A failed Ticket does not block the next one, which repairs what the failed one left behind.
      if (ends === 'failed') await railway.tap.completed(await push());
    });
  }
});

/** The layouts of a repository that scenarios show. */
for (const { name, what, layout } of scenarios) {
  if (!layout) continue;
  it(`a Ticket rides a Track of the scenario ${name}: ${what}`, async () => {
    const railway = await startTestSystem({ line: { ...storefront, layout } });
    try {
      const [ticket] = (await railway.push('3.1.0')).tickets;
      await railway.tap.completed(ticket);
      const ours = (await railway.repository.log()).filter(({ trailers }) => trailers['K8sTA-Ticket'] === ticket);
      assert.deepEqual(
        ours.map(({ files }) => files),
        [
          ['env/storefront-dev.yaml'],
          ['env/storefront-stage-eu.yaml', 'env/storefront-stage-us.yaml'],
          ['env/storefront-prod.yaml'],
        ],
      );
      assert.match(
        (await railway.repository.read('env/storefront-prod.yaml')) ?? '',
        /^ {2}tag: 3\.1\.0 {3}# K8sTA writes this value$/m,
      );
    } finally {
      await railway.stop();
    }
  });
}
