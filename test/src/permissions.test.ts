import assert from 'node:assert/strict';
import { openTap } from '@k8sta/bus';
import { inboxOf, natsUsers, stateBucket, stateKey, tap } from '@k8sta/contracts';
import { type DeployedNats, startDeployedNats, until } from '@k8sta/sandbox';
import { connect, ErrorCode, type NatsConnection, NatsError } from 'nats';
import { sharedSystem, stopSharedSystem } from './shared-system.js';
import type { TestSystem } from './test-system.js';

/** What nats-server lets each user of deploy/ do; asked of a server of its own, because a railway fails by any refusal. */
describe('the NATS users of deploy/', () => {
  let nats: DeployedNats;
  let connections: Record<string, NatsConnection>;

  before(async () => {
    nats = await startDeployedNats();
    const users = Object.keys(natsUsers).map(async (user) => [user, await connect(nats.as(user))] as const);
    connections = Object.fromEntries(await Promise.all(users));
  });
  after(async () => {
    for (const connection of Object.values(connections ?? {})) await connection.close();
    await nats?.stop();
  });

  /** Whether the server lets the user publish there; asked with a reply subject, so that a refusal comes back. */
  const may = async (user: string, subject: string): Promise<boolean> => {
    const connection = connections[user];
    assert.ok(connection);
    try {
      await connection.request(subject, '{}', { timeout: 300 });
      return true;
    } catch (error) {
      assert.ok(error instanceof NatsError);
      return error.code !== ErrorCode.PermissionsViolation;
    }
  };

  it('only the tracker can ask for a commit', async () => {
    const subject = 'k8sta.promotion.storefront.dev.requested';
    for (const user of Object.keys(natsUsers)) assert.equal(await may(user, subject), user === 'tracker', user);
    assert.match(nats.refusals.list().join('\n'), /Publish Violation - User "ingest", Subject "k8sta\.promotion\./);
  });

  it("nobody says what is another's to say, or touches another's messages, streams and state", async () => {
    const refused: Record<string, string[]> = {
      ingest: ['k8sta.ticket.storefront.completed', 'k8sta.application.default.argocd.storefront-dev.observed'],
      promoter: ['k8sta.ticket.storefront.opened', 'k8sta.ticket.storefront.waiting', 'k8sta.dead.tracker.invalid'],
      'argo-watcher': ['k8sta.ticket.storefront.opened', 'k8sta.promotion.storefront.dev.committed'],
      tracker: ['k8sta.promotion.storefront.dev.committed', 'k8sta.application.default.argocd.a.observed'],
      tap: ['k8sta.ticket.storefront.opened', `$KV.${stateBucket}.track.storefront`, 'k8sta.api.wanted'],
    };
    const administration = ['$JS.API.STREAM.DELETE.K8STA', '$JS.API.STREAM.PURGE.K8STA'];
    const others = [
      '$JS.API.CONSUMER.DELETE.K8STA.tracker-ticket_opened',
      '$JS.API.STREAM.UPDATE.K8STA',
      '$JS.API.CONSUMER.MSG.NEXT.K8STA.tracker-ticket_opened',
      '$JS.API.CONSUMER.CREATE.K8STA.tracker-ticket_opened.k8sta.ticket.*.opened',
      '$JS.ACK.K8STA.tracker-ticket_opened.1.1.1.1.0',
      `$KV.${stateBucket}.track.storefront`,
    ];
    for (const [user, subjects] of Object.entries(refused)) {
      const all = [...subjects, ...administration, ...(user === 'tracker' ? [] : others)];
      for (const subject of all) assert.equal(await may(user, subject), false, `${user} may publish ${subject}`);
    }
  });

  it("nobody reads another's answers", async () => {
    const [ingest, promoter] = [connections['ingest'], connections['promoter']];
    assert.ok(ingest && promoter);
    for (const [connection, subject] of [
      [ingest, `${inboxOf('tracker')}.>`],
      [promoter, '>'],
    ] as const) {
      const heard = new Promise((resolve) => connection.subscribe(subject, { callback: resolve }));
      assert.equal(((await heard) as NatsError).code, ErrorCode.PermissionsViolation);
    }
  });
});

/** On a railway with a user for each service; its `stop()` rejects when one of them was refused anything. */
describe('with the users of deploy/', () => {
  let railway: TestSystem;

  before(async () => {
    railway = await sharedSystem('plain');
  });

  it('an Application that was deleted while argo-watcher was down is found to be gone, and heartbeats go on', async () => {
    const watcher = railway.services['argo-watcher'];
    const person = await openTap(railway.nats.as(tap));
    let isGone = false;
    let heartbeats = 0;
    await person.events(({ type }) => {
      if (type === 'application.gone') isGone = true;
      else if (type === 'application.current' && isGone) heartbeats += 1;
    });
    await watcher.kill();
    railway.argo.deleteApplication('storefront-prod');
    await watcher.restart();
    await watcher.ready();
    await until(() => heartbeats > 1, { what: 'heartbeats after the departure', deadlineMs: 20_000 });
    await person.close();
    const spec = railway.applications.find(({ name }) => name === 'storefront-prod');
    assert.ok(spec);
    railway.argo.createApplication(spec);
    await railway.argo.ready([spec.name]);
  });

  it('a person at the tap follows what is said, what runs where and what state the Tickets are in', async () => {
    const person = await openTap(railway.nats.as(tap));
    const seen = { said: new Set<string>(), stored: new Set<string>(), states: new Set<string>() };
    await person.events(({ type }) => void seen.said.add(type));
    await person.newest('K8STA_APPLICATIONS', ({ type }) => void seen.stored.add(type));
    await person.states('ticket.>', (key) => void seen.states.add(key));
    const { tickets } = await railway.push('5.0.0');
    await railway.tap.completed(tickets[0]);
    const all = () =>
      seen.said.has('ticket.completed') &&
      seen.stored.has('application.observed') &&
      seen.states.has(stateKey.ticket('storefront', tickets[0] ?? ''));
    await until(all, { what: 'the tap seeing all of it' });
    await person.close();
  });

  it('a refusal fails the run: stopping the railway says who was refused what', async () => {
    const person = await connect(railway.nats.as(tap));
    person.publish('k8sta.ticket.storefront.opened');
    await person.flush();
    await person.close();
    await assert.rejects(
      stopSharedSystem('plain'),
      /Publish Violation - User "tap", Subject "k8sta\.ticket\.storefront\.opened"/,
    );
  });
});
