import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Repository } from '@k8sta/sandbox';
import {
  application,
  failure,
  file,
  isPush,
  naming,
  type Replica,
  type Request,
  type Stage,
} from '../promoter.fixture.js';
import { repositoryForEach } from '../shared-stage.fixture.js';

describe('when somebody else was faster, a promotion part', () => {
  let stage: Stage;
  let replica: Replica;
  let repository: Repository;

  repositoryForEach((next) => {
    ({ stage, replica, repository } = next);
  });

  const request = (change: Partial<Request> = {}) => stage.request(repository, change);
  const promote = (change: Partial<Request> = {}) => stage.answer(replica, request(change));
  const begin = (base: string) => stage.begin(request(), base);

  /** Runs `rival` between our look at the branch and our push, this many times. */
  function raced(times: number, rival: (time: number) => Promise<unknown>): void {
    let time = 0;
    stage.server.intercept(async (seen) => {
      if (isPush(seen) && time < times) await rival(++time);
      return undefined;
    });
  }

  it('makes its commit on top', async () => {
    raced(3, (time) => repository.commit({ files: { [`rival-${time}`]: '' }, message: `Rival ${time}` }));
    const answer = await promote();
    assert.ok(answer.is === 'committed');
    assert.deepEqual(await subjects(), [
      'First commit',
      'Rival 1',
      'Rival 2',
      'Rival 3',
      'storefront/dev: ghcr.io/acme/storefront 1.4.2',
    ]);
    assert.equal(stage.lostPushes, 3);
    assert.equal(stage.asked, 4);
  });

  it('keeps what the other changed in the same file', async () => {
    raced(1, () => repository.commit({ files: { [file]: `# rival\n${naming('1.4.1')}` }, message: 'Rival' }));
    await promote();
    assert.equal(await repository.read(file), `# rival\n${naming('1.4.2')}`);
  });

  it('does not commit over a person, and names that person', async () => {
    let person = '';
    raced(1, async () => {
      person = await repository.commit({ files: { [file]: naming('1.3.0') }, message: 'Hold back' });
      await repository.commit({ files: { [file]: `# later\n${naming('1.3.0')}`, b: '' }, message: 'Something else' });
    });
    const answer = await promote();
    assert.match(
      failure(answer),
      /^ChangedByOther: .*named ghcr.io\/acme\/storefront:1.4.1 and now names .*:1.3.0; Pat/,
    );
    assert.ok(answer.is === 'failed');
    assert.deepEqual([answer.commit, answer.author], [person, 'Pat Person <pat@example.com>']);
    assert.equal((await repository.log()).length, 3);
  });

  it('makes no commit when the other made the same change', async () => {
    raced(1, () => repository.commit({ files: { [file]: naming('1.4.2') }, message: 'By hand' }));
    const answer = await promote();
    assert.ok(answer.is === 'committed' && answer.commit === undefined && answer.revision === (await repository.tip()));
  });

  for (const step of ['advertise', 'exchange']) {
    it(`does not create a branch again that is deleted before the ${step} of our push`, async () => {
      await repository.commit({ branch: 'staging', files: { x: 'y' }, message: 'Staging' });
      let isThere = true;
      stage.server.intercept(async (seen) => {
        if (seen.service === 'git-receive-pack' && seen.step === step && isThere) {
          isThere = false;
          await git('update-ref', '-d', 'refs/heads/staging');
        }
        return undefined;
      });
      assert.match(failure(await promote({ branch: 'refs/heads/staging' })), /^BranchMissing: .*refs\/heads\/staging/);
      await assert.rejects(repository.tip('staging'));
    });
  }

  it('waits for its turn when the other is another part of ours', async () => {
    const parts = [0, 1, 2, 3, 4, 5].map((part) => `app-${part}`);
    const files = Object.fromEntries(parts.map((name) => [`apps/${name}/kustomization.yaml`, naming('1.4.1')]));
    await repository.commit({ files, message: 'More' });
    const outcomes = await Promise.all(
      parts.map((name, part) => stage.deliver(replica, request({ part, applications: [application(name)] }))),
    );
    assert.deepEqual(new Set(outcomes.map(({ is }) => is)), new Set(['done']));
    assert.equal((await repository.log()).length, 8);
    assert.equal(stage.lostPushes, 0);
  });

  it('replaces what another replica that started first has published', async () => {
    await begin(await repository.tip());
    await repository.commit({ files: { [file]: naming('1.3.0') }, message: 'Hold back' });
    let looked = false;
    const last: Stage['bus']['last'] = (...args) => {
      if (looked) return stage.bus.last(...args);
      looked = true;
      return Promise.resolve(undefined);
    };
    const late = stage.replica({ bus: { last } });
    assert.match(failure(await stage.answer(late, request())), /^ChangedByOther: /);
    assert.equal(await repository.read(file), naming('1.3.0'));
  });

  it('makes one commit when two replicas get the same request', async () => {
    const other = stage.replica();
    await Promise.all([replica, other].map((each) => stage.deliver(each, request())));
    assert.equal((await repository.log()).length, 2);
    for (const answer of await stage.answers(request())) {
      assert.ok(answer.is === 'committed' && answer.revision === (await repository.tip()));
    }
  });

  async function subjects(): Promise<string[]> {
    return (await repository.log()).map(({ subject }) => subject);
  }

  /** On the server's own disk. */
  function git(...args: string[]): Promise<unknown> {
    return promisify(execFile)('git', args, { cwd: repository.directory });
  }
});
