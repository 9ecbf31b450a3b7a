import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bus } from '@k8sta/bus';
import type { ForgeProvider } from '@k8sta/contracts';
import { type NatsServer, startNats, type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import type { Registry } from 'prom-client';
import { EndpointStage } from '../endpoint.fixture.js';
import { openSecrets } from '../secrets.js';
import type { WebhookServer } from '../server.js';
import type { Forge } from './forge.js';
import { forges } from './forges.js';
import { HintPublisher } from './hint-publisher.js';
import { forgeFixture, forgeFixturesOf, proofOf, proposingTracks } from './proposal.fixture.js';

const secret = 'a-secret-that-nobody-may-see';
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const ticket = '0123456789abcdef';

describe('the endpoint for forges', () => {
  let stage: EndpointStage;
  let nats: NatsServer;
  let directory: TemporaryDirectory;
  let bus: Bus;
  /** May use everything on the bus. */
  let others: Bus;
  let server: WebhookServer;
  let metrics: Registry;
  let logged: string[];

  const open = async (rate = 0) => {
    const secrets = await openSecrets({
      ...{
        variable: 'K8STA_PROPOSAL_SECRETS',
        directory: directory.path,
        senders: forges,
        log: stage.log,
        mayBeEmpty: true,
      },
    });
    // Another test has the pause between two hints.
    const publisher = new HintPublisher({ bus, pause: async () => {} });
    return stage.open(
      { tracks: proposingTracks, bodyLimit: 256 * 1024, proposals: { senders: forges, secrets, publisher } },
      rate,
    );
  };

  before(async () => {
    directory = await temporaryDirectory('proposals');
    for (const { name } of forges) await writeFile(join(directory.path, name), `${secret}\n`);
  });
  after(() => directory.remove());
  beforeEach(async () => {
    stage = await EndpointStage.start();
    ({ nats, bus, others, logged, metrics } = stage);
    server = await open();
  });
  afterEach(async () => {
    await server.close();
    await stage.stop(new RegExp(secret));
    await nats.stop();
  });

  const send = async (path: string, body: Uint8Array, headers: Record<string, string>, method = 'POST') => {
    const init = method === 'GET' ? { headers } : { method, body: new Uint8Array(body), headers };
    const answer = await fetch(`http://127.0.0.1:${server.port}/proposals/${path}`, init);
    return { status: answer.status, headers: answer.headers, json: (await answer.json()) as Record<string, unknown> };
  };
  const forgeOf = (name: ForgeProvider): Forge => forges.find((each) => each.name === name) ?? assert.fail(name);
  const post = (
    name: ForgeProvider,
    fixture: string,
    { by = secret, bytes = forgeFixture(name, fixture).bytes } = {},
  ) => {
    const { headers } = forgeFixture(name, fixture);
    return send(name, bytes, { ...headers, traceparent, ...proofOf(forgeOf(name), by, bytes) });
  };
  const hints = () => others.since('proposal.changed', { track: 'storefront', station: 'prod' }, new Date(0));

  it('answers 202 once JetStream holds what happened to the pull request', async () => {
    const { status, json } = await post('github', 'merged');
    assert.equal(status, 202);
    const proposal = { track: 'storefront', station: 'prod', ticket };
    assert.deepEqual(json, { proposals: [{ ...proposal, number: 17, what: 'merged' }] });
    const [hint = assert.fail('no hint')] = await hints();
    const { receivedAt, ...data } = hint.data;
    assert.deepEqual(data, {
      ...{ ...proposal, attempt: 1, part: 0, provider: 'github', repository: 'acme/config', number: 17 },
      ...{ what: 'merged', by: 'octo-user' },
    });
    assert.ok(Date.parse(receivedAt) <= Date.now());
    assert.deepEqual([hint.traceparent, hint.ticketId], [traceparent, ticket]);
    assert.match(
      logged.join(),
      /"webhook of a forge",\{"route":"\/proposals\/github".*"provenBy":"github:1".*"number":17/,
    );
    assert.match(await metrics.metrics(), /webhooks_total\{sender="proposals\/github",outcome="proposalChanged"\} 1/);
  });

  it('stores what each forge says about our pull requests, and nothing else', async () => {
    const outcomes = new Map<string, string[]>();
    for (const { name } of forges) {
      for (const fixture of forgeFixturesOf(name)) {
        const { status, json } = await post(name, fixture);
        const what = status === 202 ? 'stored' : `${status} ${json['reason'] ?? 'ignored'}`;
        outcomes.set(`${name} ${what}`, [...(outcomes.get(`${name} ${what}`) ?? []), fixture]);
      }
    }
    assert.deepEqual(Object.fromEntries(outcomes), {
      'github stored': [
        'check-run',
        'check-suite',
        'closed',
        'merged',
        'review',
        'status',
        'synchronize',
        'workflow-run',
      ],
      'github 200 ignored': ['check-run-created', 'opened', 'ping', 'status-pending'],
      'github 200 ForkBranch': ['fork', 'workflow-run-of-fork'],
      'gitlab stored': ['approved', 'branch-pipeline', 'close', 'merge', 'pipeline', 'system-merge', 'update'],
      'gitlab 200 ignored': ['note', 'open', 'pipeline-running', 'tag-pipeline'],
      'gitlab 200 ForkBranch': ['fork', 'pipeline-of-fork'],
      'gitea stored': ['action-run-success', 'approved', 'closed', 'merged', 'synchronized', 'workflow-run'],
      'gitea 200 ignored': ['opened', 'push', 'status'],
      'gitea 200 ForkBranch': ['fork'],
    });
    assert.equal((await hints()).length, 21);
  });

  it('stores a webhook that is posted again once, also at another replica', async () => {
    assert.equal((await post('gitlab', 'merge')).status, 202);
    const { status, json } = await post('gitlab', 'merge');
    assert.deepEqual([status, (json['proposals'] as object[]).length], [200, 1]);
    await server.close();
    server = await open();
    assert.equal((await post('gitlab', 'merge')).status, 200);
    assert.equal((await hints()).length, 1);
  });

  it('answers 200 with the reason to what is not ours', async () => {
    const about = (branch: string) => {
      const body = forgeFixture('gitea', 'merged').bytes.toString();
      return post('gitea', 'merged', {
        bytes: Buffer.from(body.replaceAll(`k8sta/storefront/prod/${ticket}`, branch)),
      });
    };
    for (const [branch, reason] of [
      ['feature/x', 'OtherBranch'],
      ['k8sta/billing/prod/0123', 'TrackUnknown'],
      ['k8sta/storefront/moon/0123', 'StationUnknown'],
      ['k8sta/storefront/dev/0123', 'NotByPullRequest'],
    ]) {
      const { status, json } = await about(branch ?? '');
      assert.deepEqual([status, json['reason']], [200, reason], branch);
    }
    assert.deepEqual(await hints(), []);
    assert.match(await metrics.metrics(), /sender="proposals\/gitea",outcome="notOurs"\} 4/);
  });

  it('answers a stranger 404 whatever is wrong, and stores nothing', async () => {
    const { bytes, headers } = forgeFixture('github', 'merged');
    const other = 'a-secret-of-somebody-else';
    for (const [path, proof] of [
      ['github', proofOf(forgeOf('github'), other, bytes)],
      ['github', proofOf(forgeOf('github'), secret, Buffer.concat([bytes, Buffer.from(' ')]))],
      ['github', proofOf(forgeOf('gitea'), secret, bytes)],
      ['github', {}],
      ['gitlab', proofOf(forgeOf('gitlab'), other, bytes)],
      ['gitlab', { 'x-gitlab-token': '' }],
      ['gitea', proofOf(forgeOf('gitea'), other, bytes)],
      ['bitbucket', proofOf(forgeOf('github'), secret, bytes)],
      [`github/${secret}`, {}],
    ] as const) {
      const { status, json } = await send(path, bytes, { ...headers, ...proof });
      assert.deepEqual([status, json], [404, { error: 'not found' }], path);
    }
    assert.deepEqual(await hints(), []);
    assert.match(logged.join('\n'), /the signature is wrong/);
  });

  it('answers 400 to what the forge does not post, 413 to too much, 405 to another method and 429 beyond the rate', async () => {
    const wrong = await post('github', 'merged', { bytes: Buffer.from('{"pull_request": {"number": 17}}') });
    assert.equal(wrong.status, 400);
    assert.match(String(wrong.json['error']), /^pull_request\.head: /);
    assert.equal((await post('github', 'merged', { bytes: Buffer.alloc(300_000, ' ') })).status, 413);
    const { bytes, headers } = forgeFixture('gitlab', 'merge');
    const proof = proofOf(forgeOf('gitlab'), secret, bytes);
    assert.equal((await send('gitlab', bytes, { ...headers, ...proof }, 'PUT')).status, 405);
    await server.close();
    server = await open(1);
    const answers = [await post('gitlab', 'merge'), await post('gitlab', 'close'), await post('gitlab', 'approved')];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [202, 202, 429],
    );
  });

  it('answers 503 while NATS is down, and never 202', async () => {
    await nats.stop();
    const { status, headers } = await post('github', 'merged');
    assert.deepEqual([status, headers.get('retry-after')], [503, '5']);
    nats = await startNats();
  }).timeout(20_000);
});
