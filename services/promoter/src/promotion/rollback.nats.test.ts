import assert from 'node:assert/strict';
import type { Repository } from '@k8sta/sandbox';
import {
  application,
  failure,
  file,
  image,
  isPush,
  naming,
  type Replica,
  type Request,
  type Stage,
} from '../promoter.fixture.js';
import { repositoryForEach } from '../shared-stage.fixture.js';

const person = 'Pat Person <pat@example.com>';

describe('a rollback', () => {
  let stage: Stage;
  let replica: Replica;
  let repository: Repository;

  repositoryForEach((next) => {
    ({ stage, replica, repository } = next);
  });

  const promoted = (change: Partial<Request> = {}) => stage.answer(replica, stage.request(repository, change));

  /** From 1.4.2, which failed, to 1.4.1: the next attempt of the same Ticket. */
  function request(change: Partial<Request['applications'][number]> = {}): Request {
    const forward = stage.request(repository);
    const back = { image: { ...image, tag: '1.4.1' }, replaces: `${image.repository}:1.4.2`, ...change };
    const applications = [application('dev', back)];
    return { ...forward, promotion: `${forward.ticket}/dev/2`, kind: 'rollback', applications };
  }

  const rolledBack = (change = {}) => stage.answer(replica, request(change));

  it('of our own commit is one commit, with trailers and a subject that says so', async () => {
    await promoted();
    const answer = await rolledBack();
    const commit = (await repository.log())[2];
    assert.ok(answer.is === 'committed' && commit);
    assert.deepEqual([answer.commit, answer.applications[0]?.outcome], [commit.sha, 'edited']);
    assert.equal(commit.subject, 'Roll back storefront/dev to ghcr.io/acme/storefront 1.4.1');
    assert.equal(commit.trailers['K8sTA-Promotion'], `${request().promotion}/0`);
    assert.equal(await repository.read(file), naming('1.4.1'));
  });

  it('keeps what others have changed in the file since', async () => {
    await promoted();
    await repository.commit({ files: { [file]: `# later\n${naming('1.4.2')}` }, message: 'Something else' });
    await rolledBack();
    assert.equal(await repository.read(file), `# later\n${naming('1.4.1')}`);
  });

  it('does not commit over a person, and names that person', async () => {
    await promoted();
    const commit = await repository.commit({ files: { [file]: naming('1.4.3') }, message: 'Fix' });
    const tip = await repository.commit({
      files: { [file]: `# later\n${naming('1.4.3')}` },
      message: 'Something else',
    });
    const answer = await rolledBack();
    assert.equal(
      failure(answer),
      `ChangedByOther: ${file} named ${image.repository}:1.4.2 and now names ${image.repository}:1.4.3; ${person} changed it in ${commit}`,
    );
    assert.ok(answer.is === 'failed');
    assert.deepEqual([answer.commit, answer.author], [commit, person]);
    assert.equal(await repository.tip(), tip);
    assert.equal(stage.asked, 1);
  });

  it('names the person also where a person had made the change to the failed image', async () => {
    await repository.commit({ files: { [file]: naming('1.4.2') }, message: 'By hand' });
    const commit = await repository.commit({ files: { [file]: naming('1.4.3') }, message: 'Fix' });
    const answer = await rolledBack();
    assert.ok(answer.is === 'failed');
    assert.deepEqual([answer.reason, answer.commit, answer.author], ['ChangedByOther', commit, person]);
  });

  it('names the person who removed the image from the files', async () => {
    await promoted();
    const commit = await repository.commit({ files: { [file]: 'resources: []\n' }, message: 'Away' });
    const answer = await rolledBack({ runs: [`${image.repository}:1.4.2`] });
    assert.ok(answer.is === 'failed');
    assert.match(answer.message, /kustomization.yaml named .*:1.4.2 and now names nothing; Pat/);
    assert.deepEqual([answer.reason, answer.commit, answer.author], ['ChangedByOther', commit, person]);
  });

  it('does not commit over a person who is faster than our push', async () => {
    await promoted();
    let rival: string | undefined;
    stage.server.intercept(async (seen) => {
      if (isPush(seen)) rival ??= await repository.commit({ files: { [file]: naming('1.4.3') }, message: 'Fix' });
      return undefined;
    });
    const answer = await rolledBack();
    assert.ok(answer.is === 'failed');
    assert.deepEqual([answer.reason, answer.commit, answer.author], ['ChangedByOther', rival, person]);
    assert.equal(await repository.tip(), rival);
  });

  it('is one commit if its request is delivered again after the push', async () => {
    await promoted();
    stage.server.intercept((seen) => (isPush(seen) ? 'loseAnswer' : undefined));
    assert.equal((await stage.deliver(replica, request())).is, 'later');
    stage.server.intercept(undefined);
    const pushed = await repository.tip();
    await repository.commit({ files: { [file]: naming('1.4.3') }, message: 'Fix' });
    stage.ahead = 5_000;
    const answer = await stage.answer(stage.replica(), request());
    assert.ok(answer.is === 'committed' && answer.commit === pushed && answer.revision === pushed);
    await stage.deliver(replica, { ...request(), issue: 1 });
    const repeated = (await stage.answers(request())).at(-1);
    assert.ok(repeated?.is === 'committed' && repeated.commit === pushed);
    assert.equal((await repository.log()).length, 4);
    assert.equal(await repository.read(file), naming('1.4.3'));
  });

  it('makes no commit where the files name the earlier image already', async () => {
    await promoted();
    const tip = await repository.commit({ files: { [file]: naming('1.4.1') }, message: 'Revert' });
    const answer = await rolledBack();
    assert.ok(answer.is === 'committed');
    assert.deepEqual([answer.revision, answer.commit, answer.applications[0]?.outcome], [tip, undefined, 'unchanged']);
    assert.equal(await repository.tip(), tip);
  });

  it('changes the entry that our promotion has added', async () => {
    const deployment = `kind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n      - image: ${image.repository}:1.4.1\n`;
    const overlay = 'resources:\n- ../../base\n';
    await repository.commit({
      files: {
        'base/deployment.yaml': deployment,
        'base/kustomization.yaml': 'resources: [deployment.yaml]\n',
        [file]: overlay,
        'apps/prod/kustomization.yaml': overlay,
      },
      message: 'An image in the base',
    });
    await promoted();
    assert.match(
      (await repository.read(file)) ?? '',
      /images:\n- name: ghcr.io\/acme\/storefront\n {2}newTag: 1.4.2\n/,
    );
    const answer = await rolledBack();
    assert.ok(answer.is === 'committed');
    assert.equal(answer.applications[0]?.after, `${image.repository}:1.4.1`);
    assert.match((await repository.read(file)) ?? '', /newTag: 1.4.1\n/);
    assert.equal(await repository.read('base/deployment.yaml'), deployment);
  });
});
