import assert from 'node:assert/strict';
import { type Bus, connectBus } from '@k8sta/bus';
import { type DeployedNats, startDeployedNats, until } from '@k8sta/sandbox';
import { type Presence, presence } from './presence.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

describe('the presence of the replicas', () => {
  let nats: DeployedNats;
  let buses: Bus[];
  let nowMs: number;

  beforeEach(async () => {
    nats = await startDeployedNats();
    buses = [];
    nowMs = 0;
  });
  afterEach(async () => {
    for (const bus of buses) await bus.close();
    assert.deepEqual(nats.refusals.list(), []);
    await nats.stop();
  });

  async function start(self: string, files = 'same'): Promise<Presence> {
    const bus = await connectBus({ service: 'tracker', connection: nats.as('tracker'), log: quiet });
    buses.push(bus);
    const started = presence({ bus, self, files, log: quiet, now: () => nowMs });
    // The server knows the subscription once it has answered this.
    await bus.ping();
    return started;
  }

  const knows = (replica: Presence, ...living: string[]) =>
    until(() => replica.living().join() === living.join(), { what: living.join() });

  it('is known to all as soon as one announces itself, and the newest learns the others at once', async () => {
    const [a, b] = [await start('a'), await start('b')];
    assert.deepEqual(a.living(), ['a']);
    a.announce();
    await knows(b, 'a', 'b');
    assert.deepEqual(a.living(), ['a'], 'b has not announced itself yet');
    b.announce();
    await knows(a, 'a', 'b');
    const c = await start('c');
    c.announce();
    for (const replica of [a, b, c]) await knows(replica, 'a', 'b', 'c');
    assert.equal(a.living(), a.living(), 'the same list while nothing changes');
  });

  it('ends with a goodbye, after which the replica announces itself no more', async () => {
    const [a, b] = [await start('a'), await start('b')];
    for (const replica of [a, b]) replica.announce();
    await knows(a, 'a', 'b');
    await knows(b, 'a', 'b');
    b.leave();
    b.announce();
    await knows(a, 'a');
    assert.deepEqual(b.living(), ['a'], 'what b still consumes goes to the others');
    // What b could have said after its goodbye would have come before this.
    const c = await start('c');
    c.announce();
    await knows(a, 'a', 'c');
  });

  it('ends when a replica has said nothing for nine seconds', async () => {
    const [a, b] = [await start('a'), await start('b')];
    b.announce();
    await knows(a, 'a', 'b');
    nowMs = 9_000;
    assert.deepEqual(a.living(), ['a', 'b']);
    nowMs = 9_001;
    assert.deepEqual(a.living(), ['a']);
    b.announce();
    await knows(a, 'a', 'b');
  });

  it('ends when a replica does not answer, until it speaks again', async () => {
    const [a, b] = [await start('a'), await start('b')];
    b.announce();
    await knows(a, 'a', 'b');
    a.asking('b').missed();
    assert.deepEqual(a.living(), ['a']);
    b.announce();
    await knows(a, 'a', 'b');
  });

  it('goes on while a replica is only slow: it has answered something else since it was asked', async () => {
    const [a, b] = [await start('a'), await start('b')];
    b.announce();
    await knows(a, 'a', 'b');
    const [first, second] = [a.asking('b'), a.asking('b')];
    nowMs = 2_000;
    second.answered();
    first.missed();
    assert.deepEqual(a.living(), ['a', 'b']);
    a.asking('b').missed();
    assert.deepEqual(a.living(), ['a']);
  });

  it('counts only replicas with the same tracks files', async () => {
    const [a, other, b] = [await start('a'), await start('other', 'others'), await start('b')];
    for (const replica of [other, a, b]) replica.announce();
    await knows(a, 'a', 'b');
    await knows(b, 'a', 'b');
    assert.deepEqual(other.living(), ['other']);
  });
});
