import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { eventId } from '@k8sta/contracts';
import {
  type ApiFault,
  argumentsToRun,
  type ForgeRequest,
  type RunningProcess,
  startProcess,
  startProxy,
  type TcpProxy,
  type TemporaryDirectory,
  temporaryDirectory,
  until,
} from '@k8sta/sandbox';
import { MountedSecrets } from '../credentials/secrets.fixture.js';
import type { Answer, Request } from '../promoter.fixture.js';
import { ForgeStage } from './forge-stage.fixture.js';

const main = createRequire(import.meta.url).resolve('@k8sta/promoter');

type Arm = (strike: () => Promise<void>) => void;

describe('a promoter that is killed', () => {
  let at: ForgeStage;
  let secrets: MountedSecrets;
  let directory: TemporaryDirectory;
  let proxy: TcpProxy;
  let promoter: RunningProcess | undefined;

  before(async () => {
    at = await ForgeStage.start('github');
    secrets = await MountedSecrets.create();
    directory = await temporaryDirectory('promoter');
    const { user: username, password, url } = at.stage.server;
    const { provider: forge, api: forgeApi, token: forgeToken } = at.forge;
    await secrets.put('acme', { url, username, password, forge, forgeApi, forgeToken });
    proxy = await startProxy(Number(new URL(at.stage.nats.url).port));
  });
  beforeEach(async () => {
    await at.reset();
    proxy.watch = undefined;
    // The one that has ended the test before this one goes on.
    if (!promoter?.isRunning) promoter = await start();
  });
  after(async () => {
    await promoter?.kill();
    await proxy.stop();
    await secrets.remove();
    await directory.remove();
    await at.stop();
  });

  function start(): Promise<RunningProcess> {
    return startProcess({
      command: process.execPath,
      args: [...argumentsToRun(main), main],
      install: 'Node.js',
      ready: { output: (text) => text.includes('"msg":"started"') },
      readyWithinMs: 60_000,
      environment: {
        PATH: process.env['PATH'],
        K8STA_NATS_URL: `nats://127.0.0.1:${proxy.port}`,
        K8STA_STATUS_PORT: '0',
        K8STA_ACK_WAIT_MS: '1000',
        K8STA_GIT_CREDENTIALS: secrets.path,
        K8STA_MIRRORS: join(directory.path, 'mirrors'),
      },
    });
  }

  function publish(request: Request) {
    const { promotion, part, issue } = request;
    const id = eventId('promotion.requested', promotion, part, issue);
    return at.stage.tracker.publish({ type: 'promotion.requested', id, data: request });
  }

  /** Delivers the request, kills the promoter at that moment, and starts another one. Returns its answer. */
  async function killedAt(arm: Arm, request: Request, whileItRuns = async () => {}): Promise<Answer> {
    const killed = promoter;
    assert.ok(killed?.isRunning);
    const struck = new Promise<void>((resolve, reject) => {
      arm(() => killed.kill().then(resolve, reject));
    });
    await publish(request);
    await whileItRuns();
    await struck;
    promoter = await start();
    let answers: Answer[] = [];
    const isAnswered = async () => {
      answers = await at.stage.answers(request);
      return answers.length > 0;
    };
    await until(isAnswered, { what: 'the answer', deadlineMs: 60_000, everyMs: 200 });
    const [answer] = answers;
    assert.ok(answer);
    return answer;
  }

  const once = (strike: () => Promise<void>) => {
    let isOver = false;
    return () => {
      if (isOver) return false;
      isOver = true;
      setImmediate(() => void strike());
      return true;
    };
  };
  const asking =
    (what: RegExp, then: ApiFault['is'] & ('drop' | 'loseAnswer')): Arm =>
    (strike) => {
      const isFirst = once(strike);
      at.forge.intercept(({ method, path }: ForgeRequest) =>
        what.test(`${method} ${path}`) && isFirst() ? { is: then } : undefined,
      );
    };
  const pushing =
    (nth: number, then: 'drop' | 'loseAnswer'): Arm =>
    (strike) => {
      let pushes = 0;
      at.stage.server.intercept(({ service, step }) => {
        if (service !== 'git-receive-pack' || step !== 'exchange' || ++pushes !== nth) return undefined;
        setImmediate(() => void strike());
        return then;
      });
    };
  const publishing =
    (type: string): Arm =>
    (strike) => {
      const words = new RegExp(`HPUB k8sta\\.promotion\\.storefront\\.prod\\.${type}`);
      proxy.watch = async ({ from, bytes }) => {
        if (from !== 'client' || !words.test(bytes.toString('latin1'))) return 'forward';
        proxy.watch = undefined;
        await strike();
        return 'drop';
      };
    };

  const moments: Record<string, Arm> = {
    'before promotion.started is stored': publishing('started'),
    'before its push': pushing(1, 'drop'),
    'after its push': pushing(1, 'loseAnswer'),
    'before it opens the request': asking(/^POST .*\/pulls$/, 'drop'),
    'after it has opened the request': asking(/^POST .*\/pulls$/, 'loseAnswer'),
    'before promotion.proposed is stored': publishing('proposed'),
    'before it merges': asking(/^PUT .*\/merge$/, 'drop'),
    'after it has merged': asking(/^PUT .*\/merge$/, 'loseAnswer'),
    'before it deletes the branch': pushing(2, 'drop'),
    'after it has deleted the branch': pushing(2, 'loseAnswer'),
    'before promotion.committed is stored': publishing('committed'),
  };
  for (const [moment, arm] of Object.entries(moments)) {
    it(`${moment} makes one request and one merge`, async () => {
      const request = at.request({ merge: 'auto' });
      const answer = await killedAt(arm, request);
      const pull = await at.pull();
      assert.equal(pull.state, 'merged');
      assert.equal(at.forge.merges(at.repository.name), 1);
      assert.ok(answer.is === 'committed' && answer.commit === (await at.repository.tip()), JSON.stringify(answer));
      assert.equal(await at.hasBranch(), false);
      const proposed = await at.proposed();
      assert.deepEqual(
        proposed.map(({ number }) => number),
        [1],
      );
    });
  }

  const endings: Record<string, Arm> = {
    'before it closes the request': asking(/^PATCH .*\/pulls\/1$/, 'drop'),
    'after it has closed the request': asking(/^PATCH .*\/pulls\/1$/, 'loseAnswer'),
    'before promotion.failed is stored': publishing('failed'),
  };
  for (const [moment, arm] of Object.entries(endings)) {
    it(`${moment} withdraws it`, async () => {
      const isOpen = async () => (await at.proposed()).length > 0;
      at.stage.wanted = async () => ({ wanted: !(await isOpen()), message: 'superseded' });
      // The tracker requests again what it withdraws, so that the promoter looks at once.
      const answer = await killedAt(arm, at.request(), async () => {
        await until(isOpen, { what: 'the pull request', deadlineMs: 60_000 });
        await publish(at.request({}, { issue: 1 }));
      });
      assert.ok(answer.is === 'failed' && answer.reason === 'Withdrawn', JSON.stringify(answer));
      const { state, comments } = await at.pull();
      assert.equal(state, 'closed');
      assert.ok(comments.length >= 1);
      assert.equal(at.forge.merges(at.repository.name), 0);
      assert.equal(await at.hasBranch(), false);
    });
  }
});
