import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { application, naming, type Request, Stage } from '../promoter.fixture.js';

const promoters = 8;
const ticketsEach = 10;
const tickets = promoters * ticketsEach;

describe('eight promoters with ten Tickets each on one branch', () => {
  let stage: Stage;

  before(async () => {
    stage = await Stage.start();
  });
  after(() => stage.stop());

  it('make exactly one commit for each Ticket, in sound history, without a lease', async function () {
    this.timeout(300_000);
    const startedAt = new Date();
    const names = Array.from({ length: tickets }, (_, index) => `app-${index}`);
    const repository = await stage.repository(
      Object.fromEntries(names.map((name) => [`apps/${name}/kustomization.yaml`, naming('1.4.1')])),
    );
    const requests = names.map((name, index): Request => {
      const ticket = `ticket${index}`;
      const change = { ticket, promotion: `${ticket}/dev/1`, applications: [application(name)], protectedSources: [] };
      return stage.request(repository, change);
    });
    const replicas = Array.from({ length: promoters }, () => stage.replica());
    await Promise.all(
      requests.map(async (request, index) => {
        const replica = replicas[index % promoters];
        assert.ok(replica);
        // As the bus does: again until it is done.
        for (let delivery = 1; (await stage.deliver(replica, request, delivery)).is !== 'done'; delivery++);
      }),
    );

    const commits = (await repository.log()).slice(1);
    assert.equal(commits.length, tickets);
    const landed = new Map(commits.map(({ sha, trailers }) => [trailers['K8sTA-Promotion'], sha]));
    assert.deepEqual([...landed.keys()].sort(), requests.map(({ promotion }) => `${promotion}/0`).sort());
    assert.ok(commits.every(({ files, parents }) => files.length === 1 && parents.length === 1));
    const tokens = { track: 'storefront', station: 'dev' };
    const answers = await stage.tracker.since('promotion.committed', tokens, startedAt);
    assert.equal(answers.length, tickets);
    for (const { data } of answers) assert.equal(data.commit, landed.get(`${data.promotion}/${data.part}`));
    assert.deepEqual(await stage.tracker.since('promotion.failed', tokens, startedAt), []);
    await promisify(execFile)('git', ['fsck', '--strict', '--no-dangling'], { cwd: repository.directory });
  });
});
