import assert from 'node:assert/strict';
import { ForgeStage } from './forge-stage.fixture.js';

describe('a hint of a forge', () => {
  let at: ForgeStage;

  before(async () => {
    at = await ForgeStage.start('github');
  });
  beforeEach(() => at.reset());
  after(() => at.stop());

  it('commits a part whose request waits for its next delivery', async () => {
    await at.waits();
    const merged = await at.forge.mergeByPerson(at.repository.name, 1);
    assert.equal((await at.hint(1)).is, 'done');
    const [answer] = await at.stage.answers(at.request());
    assert.ok(answer?.is === 'committed' && answer.commit === merged);
    assert.equal((await at.deliver()).is, 'done');
    assert.equal((await at.stage.answers(at.request())).length, 1);
  });

  it('publishes what the request waits for now', async () => {
    const request = at.request({ merge: 'whenChecksPass' });
    await at.waits(request);
    const commit = await at.repository.tip(at.head);
    await at.forge.reportCheck(at.repository.name, commit, { name: 'test', state: 'failure' });
    assert.equal((await at.hint(1)).is, 'done');
    const delays = await at.stage.delays(request);
    assert.match(delays.at(-1) ?? '', /failed: test/);
    await at.hint(2);
    assert.deepEqual(await at.stage.delays(request), delays);
  });

  it('is followed once when many come at the same time', async () => {
    await at.waits();
    const before = at.forge.requests.length;
    const outcomes = await Promise.all(Array.from({ length: 30 }, (_, index) => at.hint(index)));
    assert.deepEqual(new Set(outcomes.map(({ is }) => is)), new Set(['done']));
    assert.ok(at.forge.requests.length - before <= 12, `${at.forge.requests.length - before} requests`);
  });

  it('is nothing to do where the part is unknown', async () => {
    const before = at.forge.requests.length;
    assert.equal((await at.hint(1, { ticket: 'ffffffffffffffff' })).is, 'done');
    assert.equal(at.forge.requests.length, before);
  });
});
