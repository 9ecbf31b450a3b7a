import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { Outcome } from '@k8sta/bus';
import { type Repository, until } from '@k8sta/sandbox';
import { application, failure, type Replica, type Request, type Stage } from './promoter.fixture.js';
import { repositoryForEach } from './shared-stage.fixture.js';

describe('promotion.requested', () => {
  let stage: Stage;
  let replica: Replica;
  let repository: Repository;

  repositoryForEach((next) => {
    ({ stage, replica, repository } = next);
  });

  const request = (change: Partial<Request> = {}) => stage.request(repository, change);
  const promote = (change: Partial<Request> = {}) => stage.answer(replica, request(change));
  describe('is refused', () => {
    it('by a hook of the server, whose words are in the message', async () => {
      const words = 'GH006: fetch first, ask $1\\n\\033[31mfor a review at https://me:hunter2@git.test/x';
      await repository.setHook('update', `printf "${words}\\n" >&2; exit 1`);
      assert.equal(
        failure(await promote()),
        'RefRefused: hook declined: GH006: fetch first, ask refs/heads/main for a review at https://git.test/x error: hook declined to update refs/heads/main',
      );
      assert.equal(stage.lostPushes, 0);
    });

    it('when the branch is missing', async () => {
      assert.match(
        failure(await promote({ branch: 'refs/heads/none' })),
        /^BranchMissing: http.*\/acme\/config-\d+.git has no refs\/heads\/none/,
      );
      assert.match(failure(await promote({ branch: 'refs/heads/a:b*', part: 1 })), /^BranchMissing: /);
    });

    it('when another Station reads the same file', async () => {
      await repository.commit({
        files: { 'apps/prod/kustomization.yaml': 'resources: [../dev]\n' },
        message: 'Prod is built on dev',
      });
      assert.match(failure(await promote()), /^SharedFile: .*argocd\/prod of Station prod/);
    });

    it('when the repository is not on the allowlist or has no usable address', async () => {
      for (const [part, address] of ['ext::sh -c x', '/etc', 'file:///etc', 'http://127.0.0.1/forbidden/x'].entries()) {
        const said = failure(await promote({ repository: address, part }));
        assert.match(said, /^RepositoryNotAllowed: .*(K8STA_GIT_REPOSITORIES|http)/);
      }
    });

    it('when the path does not exist or a plugin makes the manifests', async () => {
      const at = (path: string, type = 'Kustomize') => [application('dev', { sources: [{ path, type }] })];
      assert.match(failure(await promote({ applications: at('none') })), /^PathMissing: /);
      assert.match(failure(await promote({ part: 1, applications: at('../..') })), /^PathMissing: /);
      assert.match(failure(await promote({ part: 2, applications: at('apps/dev', 'Plugin') })), /^UnsupportedSource: /);
    });
  });

  describe('is withdrawn', () => {
    it('when the tracker does not want it any more', async () => {
      stage.wanted = () => ({ wanted: false, message: 'paused by alice' });
      assert.equal(failure(await promote()), 'Withdrawn: paused by alice');
      assert.equal((await repository.log()).length, 1);
    });

    it('by a pause, and is committed when the tracker requests it again', async () => {
      stage.wanted = () => ({ wanted: false, message: 'paused by alice' });
      await stage.deliver(replica, request());
      stage.wanted = () => ({ wanted: true });
      await stage.deliver(replica, request({ issue: 1 }));
      const answers = await stage.answers(request());
      assert.deepEqual(
        answers.map((answer) => (answer.is === 'failed' ? `${answer.reason} of ${answer.issue}` : answer.commit)),
        [await repository.tip(), 'Withdrawn of 0'],
      );
    });

    it('after its deadline, with the last failure', async () => {
      stage.server.intercept(() => ({ status: 503 }));
      const first = await stage.deliver(replica, request());
      assert.ok(first.is === 'later' && /503/.test(first.because) && first.delayMs <= 2_000, JSON.stringify(first));
      const soon = await stage.deliver(replica, request({ notAfter: new Date(Date.now() + 500).toISOString() }));
      assert.ok(soon.is === 'later' && soon.delayMs <= 501, 'it is delivered again right after the deadline');
      stage.ahead = 3_600_001;
      assert.match(failure(await promote()), /^Withdrawn: it was not committed before .*; the last failure: .*503/);
    });
  });

  describe('publishes why it cannot be committed now', () => {
    it('once, and again when the reason changes, even back to an earlier one', async () => {
      const answering = (status: number) => stage.server.intercept(() => ({ status }));
      const once = request();
      for (const [at, status] of [403, 403, 500, 403].entries()) {
        answering(status);
        stage.ahead = at * 60_000;
        await stage.deliver(replica, once, at + 1);
      }
      const said = await stage.delays(once);
      assert.deepEqual(
        said.map((each) => each.replace(/^(\d+): \S+\/acme\/config-\d+: the Git server answered (\d+)\b.*$/, '$1 $2')),
        ['1 403', '3 500', '4 403'],
      );
    });

    it('when the credentials are broken', async () => {
      stage.credentialsFault = 'K8STA_GIT_CREDENTIALS: acme/url: is missing';
      const outcome = await stage.deliver(replica, request());
      assert.ok(outcome.is === 'later');
      assert.match(
        outcome.because,
        /config-\d+: the credentials cannot be used: K8STA_GIT_CREDENTIALS: acme\/url: is missing$/,
      );
      assert.deepEqual(await stage.delays(request()), [`1: ${outcome.because}`]);
    });

    it('while a fetch takes long', async () => {
      const once = request();
      stage.server.intercept(async ({ service, step }) => {
        if (service !== 'git-upload-pack' || step !== 'exchange') return undefined;
        await until(async () => (await stage.delays(once)).length > 0);
        return undefined;
      });
      assert.equal((await stage.deliver(replica, once)).is, 'done');
      assert.match((await stage.delays(once)).join(), /^1: \S+: the repository is being fetched/);
    });

    it('never for a promotion that is committed at once', async () => {
      await promote();
      assert.deepEqual(await stage.delays(request()), []);
    });
  });

  describe('is retried later', () => {
    it('when the tracker does not answer whether it is wanted', async () => {
      stage.wanted = undefined;
      await assert.rejects(stage.deliver(replica, request()), /tracker is away/);
      const silent = stage.replica({ bus: { ask: async () => undefined } });
      const outcome = await stage.deliver(silent, request());
      assert.ok(outcome.is === 'later' && /tracker did not answer/.test(outcome.because));
      assert.equal((await repository.log()).length, 1);
      assert.equal((await stage.started(request())).length, 0);
    });

    it('never because the tracker is busy and takes seconds to answer', async () => {
      stage.wanted = async () => {
        // The time is the load, and nothing else happens in it.
        await pause(2_500);
        return { wanted: true };
      };
      assert.equal((await stage.deliver(replica, request())).is, 'done');
      assert.equal(stage.asked, 1);
      assert.equal((await repository.log()).length, 2);
    });

    for (const status of [403, 404, 429, 500, 502]) {
      it(`when the server answers ${status}`, async () => {
        stage.server.intercept(() => ({ status, body: 'no' }));
        const outcome = await stage.deliver(replica, request());
        assert.ok(outcome.is === 'later' && outcome.because.includes(String(status)), JSON.stringify(outcome));
      });
    }

    it('when the credentials are wrong, after one request and without the password in the reason', async () => {
      stage.password = 'hunter2';
      let requests = 0;
      stage.server.intercept(() => {
        requests++;
        return undefined;
      });
      const outcome = await stage.deliver(replica, request());
      assert.ok(outcome.is === 'later' && /credentials/.test(outcome.because), JSON.stringify(outcome));
      assert.doesNotMatch(outcome.because, /hunter2/);
      assert.equal(requests, 1);
      stage.password = stage.server.password;
      stage.ahead = 5_000;
      assert.equal((await promote()).is, 'committed');
    });

    it('when its remote hangs, and at once when many requests for the branch wait', async () => {
      let hanging = false;
      stage.server.intercept(() => {
        hanging = true;
        return 'hang';
      });
      const impatient = stage.replica({ budgets: { firstByteMs: 1_000 } });
      const parts = Array.from({ length: 129 }, (_, part) => request({ part }));
      const waiting = parts.slice(0, 128).map((each) => stage.deliver(impatient, each));
      const turnedAway = await stage.deliver(impatient, parts[128] as Request);
      assert.ok(turnedAway.is === 'later' && /many requests/.test(turnedAway.because));
      for (const outcome of await Promise.all(waiting)) {
        assert.ok(
          outcome.is === 'later' && /did not answer for 1000 ms/.test(outcome.because),
          JSON.stringify(outcome),
        );
      }
      assert.ok(hanging);
    });

    it('when the remote has just failed, without trying it', async () => {
      stage.server.intercept(() => 'drop');
      await stage.deliver(replica, request());
      let requests = 0;
      stage.server.intercept(() => {
        requests++;
        return undefined;
      });
      assert.equal((await stage.deliver(replica, request())).is, 'later');
      assert.equal(requests, 0);
    });

    describe('when a repository that its build reads cannot be read', () => {
      const change = (part: number, name: string): Partial<Request> => ({
        ...{ part, protectedSources: [], applications: [application(name)] },
      });
      const refs = () => ({
        chart: { elsewhere: { repository: `${stage.server.url}/acme/none.git`, revision: 'main' } },
      });
      const reads = (part: number, name: string) => {
        const sources = [{ path: `apps/${name}`, type: 'Kustomize', refs: refs() }];
        return request({ ...change(part, name), applications: [application(name, { sources })] });
      };
      const because = (outcome: Outcome) => (outcome.is === 'later' ? outcome.because : outcome.is);
      const unread = /\/acme\/none \(read by the build\): the Git server answered 404/;

      it('and the other parts of its branch are committed at once', async () => {
        // The first part has a turn of its own, and the others share the next one.
        const outcomes = await Promise.all([
          stage.deliver(replica, request(change(0, 'dev'))),
          stage.deliver(replica, reads(1, 'prod')),
          stage.deliver(replica, request(change(2, 'prod'))),
        ]);
        const [first = '', reader = '', other = ''] = outcomes.map(because);
        assert.match(reader, unread);
        assert.deepEqual([first, other], ['done', 'done']);
        assert.equal((await repository.log()).length, 3);
      });

      it('and the next part that reads it waits without trying it', async () => {
        assert.match(because(await stage.deliver(replica, reads(0, 'dev'))), unread);
        let requests = 0;
        stage.server.intercept(() => {
          requests++;
          return undefined;
        });
        assert.match(because(await stage.deliver(replica, reads(1, 'prod'))), unread);
        assert.equal(requests, 0);
        assert.equal((await promote({ part: 2 })).is, 'committed');
      });

      it('and fails with that reason after its deadline', async () => {
        const late = { ...reads(0, 'dev'), notAfter: new Date(Date.now() + 1_000).toISOString() };
        await stage.deliver(replica, late);
        stage.ahead = 2_000;
        assert.match(
          failure(await stage.answer(replica, late)),
          /^Withdrawn: .*; the last failure: .*read by the build/,
        );
      });
    });
  });
});
