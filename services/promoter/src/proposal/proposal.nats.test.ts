import assert from 'node:assert/strict';
import { failure } from '../promoter.fixture.js';
import { ForgeStage, file, naming } from './forge-stage.fixture.js';

// What is the same on every forge; each-forge.nats.test.ts asks the rest of each of them.
describe('a part that is written by pull request', () => {
  let at: ForgeStage;

  before(async () => {
    at = await ForgeStage.start('github');
  });
  beforeEach(() => at.reset());
  after(() => at.stop());

  it('leaves a branch alone that somebody has committed to, whatever happens', async () => {
    const request = at.request({ merge: 'auto' });
    await at.forge.setRules(at.repository.name, { requiredReviews: 1 });
    await at.deliver(request);
    const theirs = await at.forge.pushToBranch(at.repository.name, at.head, {
      files: { [file]: `# note\n${naming('1.4.2')}` },
      message: 'A note',
    });
    await at.forge.setRules(at.repository.name, { requiredReviews: 0 });
    assert.match(await at.waits(request), /ann <ann@users.example.com> has committed to it, so K8sTA leaves it alone/);
    await at.repository.commit({ files: { [file]: `# x\n${naming('1.4.1')}` }, message: 'A conflict' });
    await at.deliver(request);
    assert.equal(await at.repository.tip(at.head), theirs);
    await at.forge.closeByPerson(at.repository.name, 1);
    assert.match(failure(await at.answer(request)), /^ProposalClosed: pull request #1 was closed by ann/);
    assert.equal(await at.repository.tip(at.head), theirs);
  });

  it('is committed when it was merged before the withdrawal', async () => {
    await at.deliver();
    const merged = await at.forge.mergeByPerson(at.repository.name, 1);
    at.stage.wanted = () => ({ wanted: false });
    const answer = await at.answer();
    assert.ok(answer.is === 'committed' && answer.commit === merged);
  });

  it('is committed without a commit when somebody else changes the target, and closes the request', async () => {
    await at.deliver();
    const theirs = await at.repository.commit({ files: { [file]: naming('1.4.2') }, message: 'By hand' });
    const answer = await at.answer();
    assert.ok(answer.is === 'committed' && answer.commit === undefined && answer.revision === theirs);
    assert.equal((await at.pull()).state, 'closed');
    assert.equal(await at.hasBranch(), false);
  });

  it('closes the request when somebody else names another image', async () => {
    await at.deliver();
    await at.repository.commit({ files: { [file]: naming('1.3.0') }, message: 'Hold back' });
    assert.match(failure(await at.answer()), /^ChangedByOther: .*named .*1.4.1 and now names .*1.3.0; Pat/);
    const pull = await at.pull();
    assert.equal(pull.state, 'closed');
    assert.match(pull.comments.at(-1)?.body ?? '', /now names/);
  });

  it('opens no request when the target names the image already', async () => {
    await at.repository.commit({ files: { [file]: naming('1.4.2') }, message: 'By hand' });
    const answer = await at.answer();
    assert.ok(answer.is === 'committed' && answer.commit === undefined);
    assert.equal((await at.pulls()).length, 0);
  });

  it('opens one request when two replicas get it at once, and merges it once', async () => {
    const other = at.stage.replica();
    const request = at.request({ merge: 'auto' });
    await Promise.all([at.deliver(request), at.deliver(request), at.deliver(request, other)]);
    for (const replica of [at.replica, other]) await at.answer(request, replica);
    await at.pull();
    assert.equal(at.forge.merges(at.repository.name), 1);
    const commits = new Set((await at.stage.answers(request)).map((each) => each.is === 'committed' && each.commit));
    assert.deepEqual([...commits], [await at.repository.tip()]);
  });

  it('waits for a forge that fails, and does not delay a direct commit', async () => {
    at.forge.fail({ is: 'status', status: 503 }, { times: Number.POSITIVE_INFINITY });
    assert.match(await at.waits(), /503/);
    const direct = at.request({}, { part: 1, applications: at.request().applications });
    delete direct.write;
    const outcome = await at.stage.answer(at.replica, direct);
    assert.equal(outcome.is, 'committed');
  });

  it('waits for a repository that its build reads, and does not delay a direct commit', async () => {
    const chart = { elsewhere: { repository: `${at.stage.server.url}/acme/none.git`, revision: 'main' } };
    const [application] = at.request().applications;
    assert.ok(application);
    const sources = [{ path: 'apps/prod', type: 'Kustomize', refs: { chart } }];
    const reader = at.request({}, { applications: [{ ...application, sources }] });
    assert.match(await at.waits(reader), /acme\/none \(read by the build\): the Git server answered 404/);
    const direct = at.request({}, { part: 1, applications: [application] });
    delete direct.write;
    assert.equal((await at.stage.answer(at.replica, direct)).is, 'committed');
  });
});
