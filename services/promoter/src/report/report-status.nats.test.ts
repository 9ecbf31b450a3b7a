import assert from 'node:assert/strict';
import { type Bus, connectBus } from '@k8sta/bus';
import { type DataOf, eventId, everyUse, forgeProvider, partTokens } from '@k8sta/contracts';
import { type NatsServer, startNats, until } from '@k8sta/sandbox';
import { ForgeBench, type Proposing } from '../forge/forges.fixture.js';
import { quiet } from '../promoter.fixture.js';
import { statusReporter } from './report-status.js';

type Status = DataOf<'status.requested'>;

for (const provider of forgeProvider.options) {
  describe(`what ${provider} shows of a commit`, () => {
    let nats: NatsServer;
    let bus: Bus;
    let bench: ForgeBench;
    let at: Proposing;
    let count = 0;
    const logged: string[] = [];
    const outcomes: string[] = [];

    before(async () => {
      nats = await startNats();
      bus = await connectBus({ service: 'tracker', uses: everyUse, connection: { servers: nats.url }, log: quiet });
      bench = await ForgeBench.start(provider);
      const report = statusReporter({
        ...{ bus, forgeOf: bench.forges.forgeOf, isAllowed: () => true, now: () => new Date() },
        linkOf: ({ ticket }) => `https://k8sta.example.com/${ticket}`,
        log: { ...quiet, warn: (fields: object) => void logged.push(JSON.stringify(fields)) },
      });
      const counted: typeof report = async (event) => {
        const outcome = await report(event);
        outcomes.push(`${event.data.state} ${outcome.is}`);
        return outcome;
      };
      await bus.consume('status.requested', counted, { concurrency: 10 });
    });
    beforeEach(async () => {
      bench.server.heal();
      bench.server.forbid([]);
      logged.length = 0;
      outcomes.length = 0;
      at = await bench.repository();
    });
    after(async () => {
      await bus.close();
      await bench.stop();
      await nats.stop();
    });

    const request = async (change: Partial<Status> = {}) => {
      const ticket = change.ticket ?? `0${++count}`;
      const data: Status = {
        ...{ promotion: `${ticket}/prod/1`, part: 0, ticket, track: 'storefront', station: 'prod' },
        ...{ repository: at.repository.url, commit: at.commit, state: 'success', description: 'arrived at prod' },
        ...{ statuses: true, deployments: false, requestedAt: new Date().toISOString(), ...change },
      };
      const id = eventId('status.requested', ...Object.values(partTokens(data)), data.state, ++count);
      await bus.publish({ type: 'status.requested', id, ticketId: ticket, data });
      return ticket;
    };
    const shown = () => bench.server.reports(at.name).map(({ state, name, description }) => [state, name, description]);

    it('is the state of the promotion, in a context of the Track and the Station, with a link', async () => {
      const ticket = await request();
      await until(() => outcomes.length === 1);
      assert.deepEqual(shown(), [['success', 'k8sta/storefront/prod', 'arrived at prod']]);
      assert.equal(bench.server.reports(at.name)[0]?.url, `https://k8sta.example.com/${ticket}`);
    });

    it('is reported again until the forge takes it', async () => {
      bench.server.fail({ is: 'status', status: 502 });
      await request({ state: 'failure', description: 'Degraded: the pods crash' });
      await until(() => outcomes.length === 2);
      assert.deepEqual(outcomes, ['failure later', 'failure done']);
      assert.deepEqual(shown()[0]?.slice(0, 2), ['failure', 'k8sta/storefront/prod']);
    });

    it('is not replaced by an older state that the forge did not take at first', async () => {
      bench.server.fail({ is: 'status', status: 502 });
      const ticket = await request({ state: 'pending', description: 'is on its way' });
      await until(() => outcomes.length === 1);
      await request({ ticket });
      await until(() => outcomes.length === 3);
      assert.deepEqual(outcomes, ['pending later', 'success done', 'pending done']);
      assert.deepEqual(shown(), [['success', 'k8sta/storefront/prod', 'arrived at prod']]);
    });

    it('is only a line in the log if the token may not write it', async () => {
      bench.server.forbid(['statuses']);
      await request();
      await until(() => outcomes.length === 1);
      assert.match(logged[0] ?? '', /answered 40[34] for acme.*lacks/);
      assert.deepEqual(shown(), []);
    });

    it(`${provider === 'github' ? 'is a deployment too' : 'is no deployment'}, where that is asked for`, async () => {
      await request({ deployments: true });
      await until(() => outcomes.length === 1);
      if (provider === 'github') assert.equal(bench.server.deployments(at.name).length, 1);
      else assert.ok(logged.some((line) => line.includes('has no deployments')));
    });
  });
}
