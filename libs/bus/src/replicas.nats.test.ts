import assert from 'node:assert/strict';
import { askedOn, toReplica, trackerPresence, wantedForOwner } from '@k8sta/contracts';
import { type DeployedNats, startDeployedNats, until } from '@k8sta/sandbox';
import { connect } from 'nats';
import { type Bus, connectBus } from './bus.js';

const logged: object[] = [];
const log = { debug() {}, info() {}, warn: (fields: object) => void logged.push(fields), error() {} };
const wanted = { track: 'storefront', ticket: 'one', promotion: 'one/dev/1', part: 0 };

describe('the replicas of a service', () => {
  let nats: DeployedNats;
  let one: Bus;
  let two: Bus;
  const asked: string[] = [];

  before(async () => {
    nats = await startDeployedNats();
    const tracker = { service: 'tracker', connection: nats.as('tracker'), log } as const;
    one = await connectBus({ ...tracker, onAsked: (question, outcome) => void asked.push(`${question} ${outcome}`) });
    two = await connectBus(tracker);
  });
  after(async () => {
    await one?.close();
    await two?.close();
    assert.deepEqual(nats.refusals.list(), []);
    await nats?.stop();
  });

  it('all hear what one of them announces, and log what they cannot read', async () => {
    const heard: string[] = [];
    for (const [name, bus] of Object.entries({ one, two })) {
      bus.listen(trackerPresence, ({ replica }) => void heard.push(`${name} heard ${replica}`));
      await bus.ping();
    }
    const stranger = await connect(nats.as('tracker'));
    for (const text of ['no JSON', '{"replica": "A B", "files": "f", "is": "here"}']) {
      stranger.publish(trackerPresence.subject, text);
    }
    await stranger.drain();
    one.announce(trackerPresence, { replica: 'one', files: 'f', is: 'here' });
    await until(() => heard.length === 2);
    assert.deepEqual(heard.sort(), ['one heard one', 'two heard one']);
    assert.equal(logged.length, 4, JSON.stringify(logged));
  });

  it('announce nothing that does not match the schema', () => {
    assert.throws(() => one.announce(trackerPresence, { replica: 'one', files: '', is: 'here' }), /files/);
  });

  it('answer a question that is put to one of them, until it is closed, and metrics name no replica', async () => {
    const three = await connectBus({ service: 'tracker', connection: nats.as('tracker'), log });
    three.answer(toReplica(wantedForOwner, 'three'), async () => ({ wanted: false }));
    await three.ping();
    const ask = (replica: string) => one.ask(toReplica(wantedForOwner, replica), wanted, 5_000);
    assert.deepEqual(await ask('three'), { wanted: false });
    assert.equal(await ask('two'), undefined);
    await three.close();
    assert.equal(await ask('three'), undefined);
    const question = 'k8sta.replica.tracker.{replica}.wanted';
    assert.deepEqual(asked, [`${question} answered`, `${question} unanswered`, `${question} unanswered`]);
  });

  it('must name the replica that a question is put to', async () => {
    assert.equal(askedOn(toReplica(wantedForOwner, 'a.b')), 'k8sta.replica.tracker.a_b.wanted');
    await assert.rejects(one.ask(wantedForOwner, wanted, 1_000), /\{replica\}\.wanted names no replica/);
  });
});
