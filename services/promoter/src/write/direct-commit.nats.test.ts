import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Repository } from '@k8sta/sandbox';
import { application, isPush, naming, type Replica, type Request, Stage } from '../promoter.fixture.js';

/** How many parts wait for one branch in these tests. */
const count = 20;

describe('many parts for one branch', () => {
  let stage: Stage;
  let replicas: readonly [Replica, Replica];
  let repository: Repository;
  let pushes: number;

  before(async () => {
    stage = await Stage.start();
    replicas = [stage.replica(), stage.replica()];
  });
  beforeEach(async () => {
    stage.reset();
    const paths = Array.from({ length: count }, (_, index) => `apps/app-${index}/kustomization.yaml`);
    repository = await stage.repository(Object.fromEntries(paths.map((path) => [path, naming('1.4.1')])));
    pushes = 0;
    stage.server.intercept((seen) => {
      if (isPush(seen)) pushes++;
      return undefined;
    });
  });
  after(() => stage.stop());

  /** One part for each Application, each in a Ticket of its own. */
  function requests(): Request[] {
    return Array.from({ length: count }, (_, index) => {
      const ticket = `${repository.name.replaceAll('/', '-')}-${index}`;
      const change = { ticket, promotion: `${ticket}/dev/1`, applications: [application(`app-${index}`)] };
      return stage.request(repository, change);
    });
  }

  /** Delivers all requests at once, distributed over these replicas, again until each is done. */
  async function deliver(all: readonly Request[], to: readonly Replica[]): Promise<void> {
    await Promise.all(
      all.map(async (request, index) => {
        const replica = to[index % to.length] as Replica;
        for (let delivery = 1; ; delivery++) {
          const outcome = await stage.deliver(replica, request, delivery);
          if (outcome.is === 'done') return;
        }
      }),
    );
  }

  async function promotions(): Promise<(string | undefined)[]> {
    const commits = await repository.log();
    return commits.flatMap(({ trailers }) => trailers['K8sTA-Promotion'] ?? []);
  }

  async function assertEachLandedOnce(all: readonly Request[]): Promise<void> {
    const expected = all.map(({ promotion }) => `${promotion}/0`);
    assert.deepEqual((await promotions()).sort(), expected.sort());
    const commits = new Map((await repository.log()).map(({ sha, trailers }) => [sha, trailers['K8sTA-Promotion']]));
    for (const request of all) {
      const answers = await stage.answers(request);
      const [answer] = answers;
      assert.ok(answers.length === 1 && answer?.is === 'committed', JSON.stringify(answers));
      assert.equal(commits.get(answer.commit ?? ''), `${request.promotion}/0`);
      assert.equal((await stage.started(request)).length, 1);
    }
    await promisify(execFile)('git', ['fsck', '--strict', '--no-dangling'], { cwd: repository.directory });
  }

  it('are pushed together, each as a commit that touches only its own file', async () => {
    const all = requests();
    await deliver(all, replicas.slice(0, 1));
    await assertEachLandedOnce(all);
    assert.ok(pushes <= 3, `${pushes} pushes`);
    assert.equal(stage.asked, count);
    const ours = (await repository.log()).filter(({ trailers }) => trailers['K8sTA-Promotion']);
    assert.ok(ours.every(({ files, parents }) => files.length === 1 && parents.length === 1));
  });

  it('all land from two replicas while a rival moves the branch every 200 ms', async function () {
    this.timeout(180_000);
    const all = requests();
    let moves = 0;
    let isOver = false;
    const rival = (async () => {
      while (!isOver) {
        const begun = performance.now();
        await repository.commit({ files: { rival: `${++moves}` }, message: `Rival ${moves}` });
        // A commit takes about 25 ms. On a slower machine, a rival every 200 ms would leave no time for a push.
        const everyMs = Math.max(200, 8 * (performance.now() - begun));
        await new Promise((resolve) => setTimeout(resolve, everyMs - (performance.now() - begun)));
      }
    })();
    await deliver(all, replicas);
    isOver = true;
    await rival;
    await assertEachLandedOnce(all);
    assert.ok(moves > 1 && moves < 150, `${moves} moves`);
  });

  it('are pushed one by one after the server refused one of them', async () => {
    const all = requests();
    const refused = 'apps/app-7/kustomization.yaml';
    const script = `while read old new ref; do git diff --name-only "$old" "$new" | grep -q ${refused} && echo "no entry" >&2 && exit 1; done; exit 0`;
    await repository.setHook('pre-receive', script);
    await deliver(all, replicas.slice(0, 1));
    await assertEachLandedOnce(all.filter((_, index) => index !== 7));
    const [answer] = await stage.answers(all[7] as Request);
    assert.ok(answer?.is === 'failed' && answer.reason === 'RefRefused' && /no entry/.test(answer.message));
  });

  it('are withdrawn without the others', async () => {
    const all = requests();
    // By the part, because the promoter asks again where a push has to be tried again.
    const withdrawn = all.filter((_, index) => index % 4 === 0).map(({ promotion }) => promotion);
    stage.wanted = ({ promotion }) =>
      withdrawn.includes(promotion) ? { wanted: false, message: 'paused by alice' } : { wanted: true };
    await deliver(all, replicas.slice(0, 1));
    const failed = (await Promise.all(all.map((each) => stage.answers(each))))
      .flat()
      .filter(({ is }) => is === 'failed');
    assert.equal(failed.length, count / 4);
    assert.equal((await promotions()).length, count - failed.length);
  });

  it('are found on the branch after the answer to their push was lost', async () => {
    const all = requests();
    let isLost = true;
    stage.server.intercept((seen) => {
      if (!isPush(seen) || !isLost) return undefined;
      isLost = false;
      return 'loseAnswer';
    });
    await Promise.all(all.map((each) => stage.deliver(replicas[0], each)));
    stage.ahead = 60_000;
    await deliver(
      all.filter((_, index) => index % 2 === 0),
      [replicas[1]],
    );
    await deliver(all, [replicas[0]]);
    const landed = await promotions();
    assert.equal(landed.length, count);
    assert.equal(new Set(landed).size, count);
  });

  it('get one commit if they are deliveries of the same part', async () => {
    const [request] = requests();
    assert.ok(request);
    await Promise.all(Array.from({ length: 8 }, (_, issue) => stage.deliver(replicas[0], { ...request, issue })));
    const answers = await stage.answers(request);
    const commits = new Set(answers.map((each) => each.is === 'committed' && each.commit));
    assert.deepEqual([answers.length, commits.size, (await promotions()).length], [8, 1, 1]);
  });
});
