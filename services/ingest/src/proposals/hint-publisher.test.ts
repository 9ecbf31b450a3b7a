import assert from 'node:assert/strict';
import type { BusEvent } from '@k8sta/contracts';
import { hintOf } from './hint.js';
import { HintPublisher } from './hint-publisher.js';
import type { Mention, ProposalChanged } from './mention.js';
import { ourBranch } from './proposal.fixture.js';

const proposal = { track: 'storefront', station: 'prod', ticket: '0123456789abcdef', attempt: 1, part: 0 };

function hint(hash: string, what: Mention['what'] = 'checked', change: object = {}): ProposalChanged {
  const mention = { branch: ourBranch, isOfFork: false, repository: 'acme/config', what };
  const at = { receivedAt: new Date(0), traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
  return hintOf({ provider: 'github', proposal: { ...proposal, ...change }, mention, hash, ...at });
}

describe('hints that repeat quickly', () => {
  let published: string[];
  let fails: boolean;
  /** Ends the pause of each branch. */
  let pauses: (() => void)[];
  let publisher: HintPublisher;
  const bus = {
    publish: async ({ id }: BusEvent) => {
      published.push(id.split('/').at(-1) ?? '');
      if (fails) throw new Error('JetStream is away');
      return { stream: 'K8STA', sequence: published.length, duplicate: false };
    },
  };
  /** Resolves once nothing is left to do without a pause. */
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const endPauses = async () => {
    for (const end of pauses.splice(0)) end();
    await settled();
  };

  beforeEach(() => {
    [published, pauses, fails] = [[], [], false];
    publisher = new HintPublisher({ bus, pause: () => new Promise<void>((resolve) => pauses.push(resolve)) });
  });

  it('are published at once, and then together after the pause', async () => {
    const [first, ...others] = Array.from({ length: 50 }, (_, at) => publisher.publish(hint(String(at))));
    assert.deepEqual({ ...(await first) }, { stream: 'K8STA', sequence: 1, duplicate: false });
    await settled();
    assert.deepEqual(published, ['0']);
    await endPauses();
    assert.deepEqual(published, ['0', '1']);
    const stored = await Promise.all(others);
    assert.deepEqual(
      stored.map(({ duplicate }) => duplicate),
      [false, ...Array(48).fill(true)],
    );
    await endPauses();
    await endPauses();
    await publisher.publish(hint('later'));
    assert.deepEqual(published, ['0', '1', 'later']);
  });

  it('are published again after the last one, so that the promoter hears of it', async () => {
    await publisher.publish(hint('0'));
    await settled();
    const last = publisher.publish(hint('1'));
    await endPauses();
    assert.equal((await last).duplicate, false);
    const later = publisher.publish(hint('2'));
    await settled();
    assert.deepEqual(published, ['0', '1']);
    await endPauses();
    await later;
    assert.deepEqual(published, ['0', '1', '2']);
  });

  it('do not delay those of another branch, nor the end of the pull request', async () => {
    await publisher.publish(hint('0'));
    await publisher.publish(hint('1', 'checked', { part: 1 }));
    await publisher.publish(hint('2', 'merged'));
    await publisher.publish(hint('3', 'closed'));
    assert.deepEqual(published, ['0', '1', '2', '3']);
  });

  it('are all refused if JetStream does not store the one that is for all', async () => {
    await publisher.publish(hint('0'));
    fails = true;
    const refused = [publisher.publish(hint('1')), publisher.publish(hint('2'))].map((each) =>
      assert.rejects(each, /JetStream is away/),
    );
    await settled();
    await endPauses();
    await Promise.all(refused);
    fails = false;
    await endPauses();
    await publisher.publish(hint('3'));
    assert.deepEqual(published, ['0', '1', '3']);
  });

  it('are bounded: beyond a thousand branches they are published at once', async () => {
    for (let part = 0; part <= 1_000; part++) await publisher.publish(hint('x', 'checked', { part }));
    await publisher.publish(hint('y', 'checked', { part: 1_000 }));
    assert.equal(published.length, 1_002);
  });
});
