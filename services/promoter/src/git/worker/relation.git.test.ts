import assert from 'node:assert/strict';
import type { Repository } from '@k8sta/sandbox';
import { author, branch, file, gitIn, HandlerStage, image, naming, part, pat, target } from './handler.fixture.js';
import type { JobHandler } from './job-handler.js';

describe('asked how a commit relates to a revision, a job handler', () => {
  let stage: HandlerStage;
  let repository: Repository;
  let handler: JobHandler;
  let fetches: number;
  let first: string;
  let ours: string;
  let later: string;

  before(async () => {
    stage = await HandlerStage.start();
  });
  beforeEach(async () => {
    ({ repository, handler } = await stage.next({ [file]: naming('1.4.1') }));
    fetches = 0;
    stage.server.intercept((seen) => {
      if (seen.service === 'git-upload-pack' && seen.step === 'advertise' && seen.headers.authorization) fetches++;
      return undefined;
    });
    first = await repository.tip();
    ours = await repository.commit({ files: { [file]: naming('1.4.2') }, message: 'Ours' });
    later = await repository.commit({ files: { [file]: naming('1.5.0') }, message: 'Later' });
  });
  after(() => stage.stop());

  const git = (...args: string[]) => gitIn(repository.directory, args);
  const relation = (commit: string, revision: string | undefined, change: object = {}) => {
    const question = { repository: repository.url, branch, file, target, image, commit, revision, ...change };
    return stage.ask<{ namesImage?: boolean; message?: string }>(handler, repository, { op: 'relation', question });
  };

  it('tells same, contains and behind apart, and says what the revision names', async () => {
    assert.deepEqual(await relation(ours, ours), { relation: 'same', namesImage: true });
    const named = (tag: string) => `${image.repository}:${tag}`;
    assert.deepEqual(await relation(ours, later), { relation: 'contains', namesImage: false, named: named('1.5.0') });
    assert.deepEqual(await relation(ours, first), { relation: 'behind', namesImage: false, named: named('1.4.1') });
    assert.equal(fetches, 1);
  });

  it('says that another history is unrelated', async () => {
    const tree = await git('rev-parse', `${first}^{tree}`);
    const orphan = await git('commit-tree', tree, '-m', 'Orphan');
    await git('update-ref', 'refs/heads/orphan', orphan);
    await git('update-ref', 'refs/heads/both', await git('commit-tree', tree, '-m', 'x', '-p', orphan, '-p', later));
    const both = { ...part, branch: 'refs/heads/both' };
    await stage.ask(handler, repository, { op: 'plan', parts: [both], author });
    assert.deepEqual(await relation(ours, orphan, { file: undefined }), { relation: 'unrelated' });
  });

  it('fetches a revision that it does not know, and does not guess', async () => {
    await relation(ours, later);
    const next = await repository.commit({ files: { x: 'y' }, message: 'Next' });
    assert.deepEqual(await relation(ours, next, { file: undefined }), { relation: 'contains' });
    const reply = await relation(ours, 'f'.repeat(40));
    assert.match(JSON.stringify(reply), /^{"relation":"unknown","message":"refs\/heads\/main does not contain both/);
    assert.match(JSON.stringify(await relation(ours, 'v1.0')), /"unknown".*is not a commit id/);
  });

  it('uses the current tip when no revision is given', async () => {
    assert.deepEqual(await relation(ours, undefined), {
      ...{ relation: 'contains', namesImage: false, named: `${image.repository}:1.5.0` },
      revision: later,
      changedBy: { commit: later, author: pat, ours: false },
    });
    const next = await repository.commit({ files: { [file]: naming('1.4.2') }, message: 'back' });
    assert.deepEqual(await relation(ours, undefined), { relation: 'contains', namesImage: true, revision: next });
  });

  it('fetches once for many questions', async () => {
    await Promise.all(Array.from({ length: 20 }, () => relation(ours, later)));
    assert.ok(fetches <= 2, `${fetches} fetches`);
  });

  it('reads every place that names the image', async () => {
    const also = { file: 'apps/also/kustomization.yaml', target };
    const both = await repository.commit({
      files: { [file]: naming('1.4.2'), [also.file]: naming('1.4.2') },
      message: 'Both',
    });
    const alsoIn = [also];
    assert.deepEqual(await relation(ours, both, { alsoIn }), { relation: 'contains', namesImage: true });
    const reverted = await repository.commit({ files: { [also.file]: naming('1.4.1') }, message: 'Revert one' });
    const named = `${image.repository}:1.4.1`;
    assert.deepEqual(await relation(ours, reverted, { alsoIn }), { relation: 'contains', namesImage: false, named });
  });

  it('does not guess how a file names the image', async () => {
    const message = `the question does not say how ${file} names the image`;
    assert.deepEqual(await relation(ours, ours, { target: undefined }), { relation: 'same', message });
  });

  it('says about the image only what it could read', async () => {
    await repository.commit({ files: { 'broken.yaml': 'a: [' }, message: 'Broken' });
    const tip = await repository.tip();
    assert.deepEqual(await relation(ours, tip, { file: 'none.yaml' }), { relation: 'contains', namesImage: false });
    for (const path of ['broken.yaml', '../x', 'apps']) {
      const reply = await relation(ours, tip, { file: path });
      assert.equal(reply.namesImage, undefined);
      assert.ok(reply.message, path);
    }
  });
});
