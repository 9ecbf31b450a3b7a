import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import type { Repository } from '@k8sta/sandbox';
import { commitMessage } from '../../commit-message.js';
import { branch, gitIn, HandlerStage, image, naming, author as ours, pat, target } from './handler.fixture.js';
import type { JobHandler } from './job-handler.js';

const file = 'apps/dev/kustomization.yaml';

/** The message of the promotion of a tag. */
function promotionOf(tag: string): string {
  const promoted = { ticket: tag, track: 'storefront', station: 'dev', applications: [{ image: { ...image, tag } }] };
  return commitMessage({ id: `${tag}/dev/1/0`, ...promoted });
}

describe('asked who changed the image at the tip, a job handler', () => {
  let stage: HandlerStage;
  let repository: Repository;
  let handler: JobHandler;
  let commit: string;
  let clones = 0;

  before(async () => {
    stage = await HandlerStage.start();
  });
  beforeEach(async () => {
    ({ repository, handler } = await stage.next({ [file]: naming('1.4.1') }));
    commit = await promote('1.4.2');
  });
  after(() => stage.stop());

  function promote(tag: string): Promise<string> {
    return repository.commit({ files: { [file]: naming(tag) }, message: promotionOf(tag), author: ours });
  }

  function edit(tag: string, message = 'By hand'): Promise<string> {
    return repository.commit({ files: { [file]: naming(tag) }, message });
  }

  async function changedBy(change: object = {}): Promise<unknown> {
    const question = { repository: repository.url, branch, file, target, image, commit, ...change };
    const reply = await stage.ask<object>(handler, repository, { op: 'relation', question });
    return 'changedBy' in reply ? reply.changedBy : 'absent';
  }

  it('names a person and their newest change of that place', async () => {
    await edit('1.3.0');
    const newest = await edit('1.2.0');
    await repository.commit({ files: { [file]: `# later\n${naming('1.2.0')}`, x: 'y' }, message: 'Something else' });
    assert.deepEqual(await changedBy(), { commit: newest, author: pat, ours: false });
  });

  it('names our own later promotion as ours', async () => {
    const later = await promote('1.5.0');
    assert.deepEqual(await changedBy(), { commit: later, author: 'K8sTA <k8sta@localhost>', ours: true });
  });

  it('names a person who deleted the file', async () => {
    const deleted = await repository.commit({ files: { [file]: null }, message: 'Away' });
    assert.deepEqual(await changedBy(), { commit: deleted, author: pat, ours: false });
  });

  it('looks at the place that does not name the image', async () => {
    const also = { file: 'apps/also/kustomization.yaml', target };
    commit = await repository.commit({ files: { [also.file]: naming('1.4.2') }, message: 'Also' });
    const changed = await repository.commit({ files: { [also.file]: naming('1.4.1') }, message: 'Back' });
    await repository.commit({ files: { [file]: `# later\n${naming('1.4.2')}` }, message: 'Something else' });
    assert.deepEqual(await changedBy({ alsoIn: [also] }), { commit: changed, author: pat, ours: false });
  });

  describe('takes for a person, and not for K8sTA,', () => {
    it('git revert', async () => {
      const work = await clone();
      await work.git('revert', '--no-edit', commit);
      const reverted = await work.push();
      assert.match(await work.git('log', '-1', '--format=%B'), /This reverts commit/);
      assert.deepEqual(await changedBy(), { commit: reverted, author: pat, ours: false });
    });

    for (const [which, later] of [
      ['our promotion', []],
      ['a later promotion of ours', ['1.5.0', '1.6.0']],
    ] as const) {
      it(`git revert of ${which} with its whole message, trailers last`, async () => {
        for (const tag of later) await promote(tag);
        const work = await clone();
        const message = await work.git('log', '-1', '--format=%B');
        const reverts = `This reverts commit ${await work.git('rev-parse', 'HEAD')}.`;
        await work.git('revert', '--no-edit', 'HEAD');
        await work.git('commit', '--amend', '--message', `Revert it\n\n${reverts}\n\n${message}`);
        const reverted = await work.push();
        assert.deepEqual(await changedBy(), { commit: reverted, author: pat, ours: false });
      });
    }

    it('a change whose message is a copy of ours', async () => {
      const copied = await edit('1.4.1', promotionOf('1.4.2'));
      assert.deepEqual(await changedBy(), { commit: copied, author: pat, ours: false });
    });

    it('a quotation of our trailers', async () => {
      const quoted = await edit('1.4.1', `Back\n\nIt said:\nK8sTA-Promotion: other/dev/1/0\n`);
      assert.deepEqual(await changedBy(), { commit: quoted, author: pat, ours: false });
    });

    it('git cherry-pick of an earlier promotion', async () => {
      const earlier = await promote('1.4.0');
      commit = await promote('1.4.2');
      const work = await clone();
      await work.git('cherry-pick', '--strategy-option', 'theirs', earlier);
      const picked = await work.push();
      assert.deepEqual(await changedBy(), { commit: picked, author: 'K8sTA <k8sta@localhost>', ours: false });
    });
  });

  describe('after a merge', () => {
    it('names the commit that the merge brought in', async () => {
      const work = await clone();
      await work.git('checkout', '-q', '-b', 'side');
      await work.write(naming('1.3.0'));
      await work.git('commit', '-qam', 'Side');
      const side = await work.git('rev-parse', 'HEAD');
      await work.git('checkout', '-q', 'main');
      await work.git('merge', '-q', '--no-ff', '--no-edit', 'side');
      await work.push();
      assert.deepEqual(await changedBy(), { commit: side, author: pat, ours: false });
    });

    it('names the commit whose image the merge kept, and not a newer one', async () => {
      const work = await clone();
      await work.write(naming('1.3.0'));
      await work.git('commit', '-qam', 'Kept');
      const kept = await work.git('rev-parse', 'HEAD');
      await work.git('checkout', '-q', '-b', 'side', 'HEAD~1');
      await work.write(naming('1.5.0'));
      await work.git('commit', '-qam', 'Side');
      await work.git('checkout', '-q', 'main');
      await work.git('merge', '-q', '--no-ff', '--no-edit', '--strategy', 'ours', 'side');
      await work.push();
      assert.deepEqual(await changedBy(), { commit: kept, author: pat, ours: false });
    });

    it('names the merge if it chose what the file named before us', async () => {
      const work = await clone();
      await work.git('checkout', '-q', '-b', 'side', 'HEAD~1');
      await work.git('commit', '-q', '--allow-empty', '-m', 'Side');
      await work.git('merge', '-q', '--no-ff', '--no-edit', '--strategy', 'ours', 'main');
      const merge = await work.git('rev-parse', 'HEAD');
      await work.git('checkout', '-q', 'main');
      await work.git('merge', '-q', '--ff-only', 'side');
      await work.push();
      assert.deepEqual(await changedBy(), { commit: merge, author: pat, ours: false });
    });
  });

  it('says nothing where the tip names the image, or has another history', async () => {
    assert.equal(await changedBy(), 'absent');
    const base = await gitIn(repository.directory, ['rev-parse', `${commit}~1`]);
    await gitIn(repository.directory, ['update-ref', branch, base]);
    assert.equal(await changedBy(), 'absent');
  });

  it('says nothing about a revision that Argo CD reports', async () => {
    const revision = await edit('1.3.0');
    assert.equal(await changedBy({ revision }), 'absent');
  });

  async function clone() {
    const work = `${stage.directory}/work-${++clones}`;
    const git = (...args: string[]) => gitIn(work, args);
    await gitIn(stage.directory, ['clone', '-q', repository.directory, work]);
    return {
      git,
      write: (text: string) => writeFile(`${work}/${file}`, text),
      push: async () => {
        await git('push', '-q', 'origin', 'HEAD:main');
        return git('rev-parse', 'HEAD');
      },
    };
  }
});
