import assert from 'node:assert/strict';
import type { Repository } from '@k8sta/sandbox';
import type { Dropped, Look, Proposed } from '../../part.js';
import { author, branch, gitIn, HandlerStage, image, naming, pat } from './handler.fixture.js';
import type { JobHandler } from './job-handler.js';
import { requireProposalRef } from './proposal-ref.js';

const file = 'apps/prod/kustomization.yaml';
const name = 'k8sta/storefront/prod/0123456789abcdef';
const head = `refs/heads/${name}`;
const part = {
  id: '0123456789abcdef/prod/1/0',
  ticket: '0123456789abcdef',
  track: 'storefront',
  station: 'prod',
  branch,
  applications: [{ namespace: 'argocd', name: 'prod', sources: [{ path: 'apps/prod', type: 'Kustomize' }], image }],
  protectedSources: [],
  requestedAt: new Date().toISOString(),
};

describe('the branch of a pull request', () => {
  let stage: HandlerStage;
  let repository: Repository;
  let handler: JobHandler;
  let base: string;

  before(async () => {
    stage = await HandlerStage.start();
  });
  beforeEach(async () => {
    ({ repository, handler } = await stage.next({ [file]: naming('1.4.1') }));
    base = await repository.tip();
  });
  after(() => stage.stop());

  const ask = <Answer>(job: Record<string, unknown>) => stage.ask<Answer>(handler, repository, job);
  const started = () => ({ branch, base, replaces: [] });
  const look = (merged?: object, change: object = {}) =>
    ask<Look>({ op: 'look', part: { ...part, ...change }, author, head, ...(merged && { merged }) });
  const propose = (replaces?: string, change: object = {}) =>
    ask<Proposed>({ op: 'propose', part, branch, head, author, ...(replaces && { replaces }), ...change });
  const drop = (commit: string, ref = head) => ask<Dropped>({ op: 'drop', head: ref, commit });
  const pushed = async (replaces?: string): Promise<string> => {
    const outcome = await propose(replaces);
    assert.ok(outcome.is === 'pushed', JSON.stringify(outcome));
    return outcome.commit;
  };
  const git = (...args: string[]) => gitIn(repository.directory, args, { committer: 'GitHub <noreply@github.com>' });

  it('is created with one commit on top of the target branch, which stays as it is', async () => {
    assert.deepEqual((await look()).head, { is: 'none' });
    const commit = await pushed();
    assert.equal(await repository.tip(name), commit);
    assert.equal(await repository.read(file, name), naming('1.4.2'));
    assert.equal(await repository.tip(), base);
    const { head: found, plan } = await look();
    assert.deepEqual([found, plan.is], [{ is: 'ours', commit, base }, 'ready']);
  });

  it('is replaced where it has only our commit, on the new tip of the target branch', async () => {
    const commit = await pushed();
    const tip = await repository.commit({ files: { [file]: naming('1.4.1', '# rival\n') }, message: 'Rival' });
    const again = await pushed(commit);
    assert.deepEqual((await look()).head, { is: 'ours', commit: again, base: tip });
    assert.equal(await repository.read(file, name), naming('1.4.2', '# rival\n'));
  });

  it('is not replaced, created or deleted when it is not where the promoter saw it', async () => {
    const commit = await pushed();
    const theirs = await repository.commit({ branch: name, files: { x: 'y' }, message: 'Review' });
    assert.equal((await propose(commit)).is, 'lost');
    assert.equal((await propose()).is, 'lost');
    assert.equal((await drop(commit)).is, 'lost');
    assert.equal(await repository.tip(name), theirs);
  });

  it('keeps a commit that somebody pushes during our push', async () => {
    const commit = await pushed();
    let theirs = '';
    stage.server.intercept(async ({ service, step }) => {
      if (service === 'git-receive-pack' && step === 'exchange') {
        theirs ||= await repository.commit({ branch: name, files: { x: 'y' }, message: 'Review' });
      }
      return undefined;
    });
    assert.equal((await propose(commit)).is, 'lost');
    assert.equal(await repository.tip(name), theirs);
    theirs = '';
    assert.equal((await drop(await repository.tip(name))).is, 'lost');
    assert.equal(await repository.tip(name), theirs);
  });

  it('is of others once somebody has committed to it, or has amended our commit', async () => {
    const commit = await pushed();
    await repository.commit({ branch: name, files: { x: 'y' }, message: 'Review' });
    const { head: found } = await look();
    assert.deepEqual(found, {
      is: 'others',
      commit: await repository.tip(name),
      author: pat,
    });
    const tree = await git('rev-parse', `${commit}^{tree}`);
    const message = await git('log', '-1', '--format=%B', commit);
    const amended = await git('commit-tree', tree, '-p', base, '-m', message);
    await git('update-ref', head, amended);
    assert.equal((await look()).head.is, 'others');
  });

  it('is deleted', async () => {
    const commit = await pushed();
    assert.deepEqual(await drop(commit), { is: 'dropped' });
    await assert.rejects(repository.tip(name));
    assert.deepEqual((await look()).head, { is: 'none' });
  });

  it('is the only branch that is replaced or deleted', async () => {
    for (const ref of [branch, 'refs/heads/k8sta', 'refs/heads/k8sta/x', 'refs/tags/k8sta/a/b/0123', name]) {
      assert.throws(() => requireProposalRef(ref), /must not be replaced or deleted/, ref);
    }
    await assert.rejects(drop(base, branch), /must not be replaced or deleted/);
    await assert.rejects(propose(base, { head: branch }), /must not be replaced or deleted/);
    assert.equal(await repository.tip(), base);
  });

  it('has the refusal of a hook as its outcome', async () => {
    await repository.setHook('update', 'echo "branches of bots are forbidden" >&2; exit 1');
    const outcome = await propose();
    assert.ok(outcome.is === 'refused' && outcome.reason === 'RefRefused', JSON.stringify(outcome));
    assert.match(outcome.message, /branches of bots are forbidden/);
  });

  describe('once it is merged', () => {
    let commit: string;
    let rival: string;
    const recordOf = async (merged?: string) => {
      const { plan } = await look(merged === undefined ? {} : { commit: merged }, { started: started() });
      if (plan.is !== 'landed') return plan;
      const [application] = plan.applications;
      return `${plan.commit} ${application?.outcome} ${application?.before} ${application?.after}`;
    };
    const edited = `edited ${image.repository}:1.4.1 ${image.repository}:1.4.2`;
    /** A commit with the tree of our branch merged into the target branch. */
    const merge = async (message: string, parents: readonly string[], files: Record<string, string> = {}) => {
      const tree = await git('merge-tree', '--write-tree', 'main', name);
      const made = await git('commit-tree', tree, ...parents.flatMap((each) => ['-p', each]), '-m', message);
      await git('update-ref', branch, made);
      if (Object.keys(files).length > 0) return repository.commit({ files, message: 'Later' });
      return made;
    };
    beforeEach(async () => {
      commit = await pushed();
      rival = await repository.commit({ files: { other: '1' }, message: 'Rival' });
    });

    it('is the merge commit that the forge names', async () => {
      const made = await merge('Merge pull request #1', [rival, commit]);
      assert.equal(await recordOf(made), `${made} ${edited}`);
    });

    it('is the squashed commit that the forge names, or the first that names the image', async () => {
      const made = await merge('Deploy it (#1)', [rival]);
      await repository.commit({ files: { other: '2' }, message: 'Later' });
      assert.equal(await recordOf(made), `${made} ${edited}`);
      assert.equal(await recordOf(), `${made} ${edited}`);
    });

    it('is the rebased commit with our trailer', async () => {
      const made = await merge(await git('log', '-1', '--format=%B', commit), [rival]);
      const last = await repository.commit({ files: { other: '2' }, message: 'A second rebased commit' });
      assert.equal(await recordOf(), `${made} ${edited}`);
      assert.equal(await recordOf(last), `${made} ${edited}`);
    });

    it('is missing while the target branch does not have it', async () => {
      assert.deepEqual(await recordOf('1'.repeat(40)), { is: 'missing' });
      assert.deepEqual(await recordOf(), { is: 'missing' });
    });

    it('is refused when somebody merged another image', async () => {
      await repository.commit({ branch: name, files: { [file]: naming('1.3.0') }, message: 'Rather this' });
      const made = await merge('Merge pull request #1', [rival, await repository.tip(name)]);
      const plan = await recordOf(made);
      assert.ok(typeof plan === 'object' && plan.is === 'refused' && plan.reason === 'ChangedByOther');
      assert.equal(plan.commit, made);
    });

    it('is refused when the target branch was rewritten', async () => {
      await git('update-ref', branch, await git('commit-tree', await git('rev-parse', 'main^{tree}'), '-m', 'New'));
      const plan = await recordOf(commit);
      assert.ok(typeof plan === 'object' && plan.is === 'refused' && plan.reason === 'BranchRewritten');
    });
  });
});
