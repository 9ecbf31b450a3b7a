import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTap, type Tap } from '@k8sta/bus';
import { operator } from '@k8sta/contracts';
import { type Line, type Service, until } from '@k8sta/sandbox';
import { assertOneCommitEach } from './as-if-nothing-happened.js';
import { quickToTakeOver, startTestSystem, type TestSystem } from './test-system.js';

const line: Line = {
  track: 'storefront',
  image: 'acme/storefront',
  tag: '1.4.1',
  stations: { dev: ['storefront-dev'], canary: ['storefront-canary'], prod: ['storefront-prod'] },
};

/** A tracks file of the Track with these Stations, by name, with the Application of each. */
function tracksOf(stations: Readonly<Record<string, string>>, track = 'storefront', image = 'acme/storefront'): string {
  const lines = Object.entries(stations).map(
    ([name, application]) => `  - {name: ${name}, deadline: 10s, applications: [${application}]}`,
  );
  return ['tracks:', `- name: ${track}`, `  images: [{repository: ${image}}]`, '  stations:', ...lines, ''].join('\n');
}

const twoStations = { dev: 'storefront-dev', prod: 'storefront-prod' };
const threeStations = { dev: 'storefront-dev', canary: 'storefront-canary', prod: 'storefront-prod' };

/** The tracks files change while Tickets ride: over the four services, and real servers. */
describe('while Tickets ride, tracks files with', () => {
  let system: TestSystem;
  let tracker: Service;
  /** The one before, which still runs during the rolling update. */
  let old: Service;
  let operators: Tap;
  let files = 0;
  let patch = 0;

  before(async () => {
    system = await startTestSystem({ line, environment: quickToTakeOver });
    tracker = system.services.tracker;
    operators = await openTap(system.nats.as(operator), operator);
  });
  after(async () => {
    await operators?.close();
    await system?.stop();
  });

  const write = async (text: string): Promise<Record<string, string>> => {
    files += 1;
    const path = join(system.directory, `tracks-${files}.yaml`);
    // Each file is a new one: files that a tracker had a moment ago are taken for those of a restart.
    await writeFile(path, text.replaceAll('deadline: 10s', `deadline: ${10 + files}s`));
    return { K8STA_TRACKS: path };
  };
  const push = (): Promise<string> => {
    patch += 1;
    return system.pushUntilAccepted(`2.0.${patch}`);
  };
  /** Replaces the tracker by one with these files: the old one stops first. */
  const restartWith = async (text: string): Promise<void> => {
    await tracker.kill('SIGTERM');
    tracker = await system.replica('tracker', await write(text));
  };
  const requested = (ticket: string) => system.tap.find('promotion.requested', ({ data }) => data.ticket === ticket);
  /** Stops the promoter first. Before a Station that has a commit the tracker would ask it who changed the image since. */
  const pushUnanswered = async (): Promise<string> => {
    await system.services.promoter.kill('SIGTERM');
    const ticket = await push();
    await requested(ticket);
    return ticket;
  };
  const failed = (ticket: string) => system.tap.find('ticket.failed', ({ data }) => data.ticket === ticket);
  const visited = (ticket: string) =>
    system.tap.all().flatMap((event) => {
      const { data } = event as { data: { ticket?: string; station?: string } };
      return event.type === 'ticket.arrived' && data.ticket === ticket ? data.station : [];
    });
  const readiness = async ({ statusUrl }: Service) => {
    const answer = await fetch(`${statusUrl}/readyz`);
    return { ok: answer.ok, what: await answer.text() };
  };
  const commitsOf = async (ticket: string) =>
    (await system.repository.log()).filter(({ trailers }) => trailers['K8sTA-Ticket'] === ticket);

  it('an inserted Station: a Ticket visits it, and of two trackers only the one that has it decides', async () => {
    await restartWith(tracksOf(twoStations));
    const ticket = await pushUnanswered();
    old = tracker;
    tracker = await system.replica('tracker', await write(tracksOf(threeStations)));
    await system.services.promoter.restart();
    await system.tap.completed(ticket, 60_000);
    assert.deepEqual(visited(ticket), ['dev', 'canary', 'prod']);
    await until(async () => /^tracks: this tracker has the tracks files/m.test((await readiness(old)).what));
    assert.ok((await readiness(old)).ok, 'a rolling update must not wait for it');
    const stations = Array.from({ length: 20 }, async () => {
      const reply = await operators.call(operator, 'track', { track: 'storefront' }, 5_000);
      return reply?.ok === true && (reply.track.stations as { name: string }[]).map(({ name }) => name).join();
    });
    assert.deepEqual([...new Set(await Promise.all(stations))], ['dev,canary,prod'], 'it answers no operator either');
    assert.doesNotMatch((await readiness(tracker)).what, /tracks/);
  });

  it('Redis wiped while both run: the Ticket visits all Stations, each once', async () => {
    const ticket = await push();
    await requested(ticket);
    const redis = system.redis.client();
    await redis.flushall();
    redis.disconnect();
    await system.tap.completed(ticket, 60_000);
    assert.deepEqual(visited(ticket), ['dev', 'canary', 'prod']);
    await assertOneCommitEach(system, ticket);
  });

  it('the old Stations again: the tracker that still has them takes over once the other has stopped', async () => {
    await tracker.kill('SIGTERM');
    const ticket = await push();
    await system.tap.completed(ticket, 60_000);
    assert.deepEqual(visited(ticket), ['dev', 'prod']);
    assert.doesNotMatch((await readiness(old)).what, /tracks/);
    tracker = old;
  });

  it('a renamed Station: the commit for the old name is withdrawn, the next Ticket visits the new one', async () => {
    await restartWith(tracksOf({ first: 'storefront-dev', prod: 'storefront-prod' }));
    const ticket = await pushUnanswered();
    await restartWith(tracksOf({ test: 'storefront-dev', prod: 'storefront-prod' }));
    await system.services.promoter.restart();
    const { data } = await failed(ticket);
    assert.equal(data.reason, 'StationGone');
    assert.match(data.message, /no longer has a Station "first" on the Track storefront/);
    assert.deepEqual(await commitsOf(ticket), []);
    const next = await push();
    await system.tap.completed(next, 60_000);
    assert.deepEqual(visited(next), ['test', 'prod']);
  });

  it('a removed Station: a Ticket that has committed there fails and says that the commit stays', async () => {
    await restartWith(tracksOf(threeStations));
    system.argo.setScenario('storefront-canary', { kind: 'slow', rolloutMs: 60_000 });
    const ticket = await push();
    await system.tap.find('promotion.committed', ({ data }) => data.ticket === ticket && data.station === 'canary');
    await restartWith(tracksOf(twoStations));
    const { data } = await failed(ticket);
    assert.equal(data.reason, 'StationGone');
    assert.match(data.message, /Station "canary" on the Track storefront; its commit stays: [0-9a-f]{8} on main/);
  });

  it('no such Track: its Tickets end, the request is withdrawn, and the Track goes on when it is back', async () => {
    await restartWith(tracksOf({ last: 'storefront-dev', prod: 'storefront-prod' }));
    const promoting = await pushUnanswered();
    const waiting = await push();
    await system.tap.find('ticket.waiting', ({ data }) => data.ticket === waiting);
    await restartWith(tracksOf({ dev: 'storefront-prod' }, 'other', 'acme/other'));
    const { data: atOnce } = await failed(waiting);
    assert.equal(atOnce.reason, 'TrackGone');
    const isOver = (ticket: string) =>
      system.tap.all().some(({ type, ticketId }) => type === 'ticket.failed' && ticketId === ticket);
    assert.equal(isOver(promoting), false, 'the promoter has not answered');
    await system.services.promoter.restart();
    const { data } = await failed(promoting);
    assert.equal(data.reason, 'TrackGone');
    assert.match(data.message, /the tracks files no longer have the Track storefront/);
    assert.deepEqual(await commitsOf(promoting), []);
    await restartWith(tracksOf(twoStations));
    const next = await push();
    await system.tap.completed(next, 60_000);
    assert.deepEqual(visited(next), ['dev', 'prod']);
  });
});
