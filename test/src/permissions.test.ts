import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTap } from '@k8sta/bus';
import {
  inboxOf,
  natsUsers,
  natsUsersFile,
  passwordVariable,
  services,
  stateBucket,
  stateKey,
  tap,
} from '@k8sta/contracts';
import { type TemporaryDirectory, temporaryDirectory, until } from '@k8sta/sandbox';
import { connect, ErrorCode, type NatsConnection, NatsError } from 'nats';
import { startWholeRailway, type WholeRailway } from './whole-railway.js';

/** With one NATS user for each service, as deploy/ sets them up. */
describe('on a bus with a user for each service', () => {
  const passwords = Object.fromEntries(
    Object.keys(natsUsers).map((user) => [user, randomBytes(16).toString('base64url')]),
  );
  let directory: TemporaryDirectory;
  let railway: WholeRailway;
  let connections: Record<string, NatsConnection>;

  before(async () => {
    directory = await temporaryDirectory('permissions');
    const environment: Record<string, Record<string, string>> = {};
    for (const service of services) {
      const file = join(directory.path, service);
      await writeFile(file, `${passwords[service]}\n`);
      environment[service] = { K8STA_NATS_USER: service, K8STA_NATS_PASSWORD_FILE: file };
    }
    const variables = Object.entries(passwords).map(([user, password]) => `${passwordVariable(user)}: "${password}"\n`);
    const natsConfig = natsUsersFile(variables.join(''));
    const tapUser = { user: tap, pass: passwords[tap] ?? '', inboxPrefix: inboxOf(tap) };
    railway = await startWholeRailway({ natsConfig, environment, tapUser });
    const users = Object.keys(natsUsers).map(async (user) => [user, await connectAs(user)] as const);
    connections = Object.fromEntries(await Promise.all(users));
  });
  after(async () => {
    for (const connection of Object.values(connections ?? {})) await connection.close();
    await railway?.stop();
    await directory?.remove();
  });

  const connectAs = (user: string) =>
    connect({ servers: railway.nats.url, user, pass: passwords[user] ?? '', inboxPrefix: inboxOf(user) });

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

  it('a Ticket rides all the way, and nobody is refused anything', async () => {
    const { status, tickets } = await railway.push('1.4.2');
    assert.equal(status, 202);
    await railway.tap.completed(tickets[0]);
    for (const service of Object.values(railway.services)) {
      const refused = service.lastOutput().match(/"operation":"publish","subject":"[^"]+"/g) ?? [];
      // Whoever started before the tracker tried to create the streams, and then waited for it.
      assert.deepEqual(
        refused.filter((each) => !each.includes('$JS.API.STREAM.CREATE.K8STA')),
        [],
        service.name,
      );
    }
  });

  it('it rides on when Redis, and the promoter in the middle of it, are lost', async () => {
    await railway.services.promoter.kill();
    const { tickets } = await railway.push('1.4.3');
    await railway.tap.find('promotion.requested', ({ data }) => data.ticket === tickets[0]);
    await railway.services.promoter.restart();
    await railway.tap.completed(tickets[0]);
  });

  it('only the tracker can ask for a commit', async () => {
    const subject = 'k8sta.promotion.storefront.dev.requested';
    for (const user of Object.keys(natsUsers)) assert.equal(await may(user, subject), user === 'tracker', user);
  });

  it("nobody says what is another's to say, or touches another's messages, streams and state", async () => {
    const refused: Record<string, string[]> = {
      ingest: ['k8sta.ticket.storefront.completed', 'k8sta.application.default.argocd.storefront-dev.observed'],
      promoter: ['k8sta.ticket.storefront.opened', 'k8sta.operator.storefront.approve', 'k8sta.dead.tracker.invalid'],
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

  it('a person at the tap follows what is said, what runs where and what state the Tickets are in', async () => {
    const passwordFile = join(directory.path, tap);
    await writeFile(passwordFile, `${passwords[tap]}\n`);
    const person = await openTap({ servers: railway.nats.url, user: tap, passwordFile });
    const seen = { said: new Set<string>(), stored: new Set<string>(), states: new Set<string>() };
    await person.events(({ type }) => void seen.said.add(type));
    await person.newest('K8STA_APPLICATIONS', ({ type }) => void seen.stored.add(type));
    await person.states('ticket.>', (key) => void seen.states.add(key));
    const { tickets } = await railway.push('1.4.4');
    await railway.tap.completed(tickets[0]);
    const all = () =>
      seen.said.has('ticket.completed') &&
      seen.stored.has('application.observed') &&
      seen.states.has(stateKey.ticket('storefront', tickets[0] ?? ''));
    await until(all, { what: 'the tap seeing all of it' });
    await person.close();
  });
});
