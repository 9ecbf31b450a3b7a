import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { freePort, until } from '@k8sta/sandbox';
import { type Stage, startStage } from './notifier.fixture.js';
import {
  type Chat,
  discordPath,
  slackRateLimit,
  slackToken,
  startDiscord,
  startSlack,
} from './receivers/chat.fixture.js';
import { type HttpReceiver, startHttpReceiver } from './receivers/http-receiver.fixture.js';

const entry = import.meta.resolve('@k8sta/notifier');
const key = 'a-key-of-sixteen-characters';

describe('the notifier as a process', () => {
  let stage: Stage;
  let slack: Chat;
  let discord: Chat;
  let pager: HttpReceiver;

  beforeEach(async () => {
    stage = await startStage(entry);
    slack = await startSlack();
    discord = await startDiscord();
    pager = await startHttpReceiver(() => ({ status: 202 }));
  });
  afterEach(async () => {
    await stage?.stop();
    for (const each of [slack, discord, pager]) await each?.stop();
  });

  const secrets = () => ({
    'slack-token': slackToken,
    'discord-webhook': `${discord.url}${discordPath}`,
    'pager-key': key,
  });
  const rulesFor = (rule: string, slackUrl = slack.url) => `
receivers:
- {name: ops, slack: {channel: C0123456789, secretFile: slack-token, api: "${slackUrl}/api"}}
- {name: game, discord: {secretFile: discord-webhook}}
- {name: pager, webhook: {url: "${pager.url}/hook", secretFile: pager-key}}
rules:
- ${rule}
`;
  const texts = ({ messages }: Chat) => [...messages.values()];
  const logged = (message: string) => stage.lines.filter((line) => line.includes(`"msg":"${message}"`));

  it('posts a failed Ticket once to each receiver of its rule, with what to do and links, and signs it', async () => {
    await stage.start(rulesFor('{name: a, to: [ops, game, pager]}'), secrets());
    await stage.say('t1', { is: 'failed' });
    await Promise.all([slack.count(1), discord.count(1), pager.count(1)]);
    const [text = ''] = texts(slack);
    assert.match(text, /^\*storefront\/prod: ghcr\.io\/acme\/storefront:1\.4\.2 failed \(SyncFailed\)\*\n/);
    assert.match(text, /the hook migrate failed\nWhat to do: The message names/);
    assert.match(text, /<https:\/\/github\.com\/acme\/deploy\/commit\/a{40}\|commit aaaaaaa>/);
    const [hook] = pager.got;
    const mac = createHmac('sha256', key)
      .update(hook?.body ?? '')
      .digest('hex');
    assert.equal(hook?.headers['x-k8sta-signature-256'], `sha256=${mac}`);
    const event = JSON.parse(hook?.body ?? '');
    assert.equal(event.specversion, '1.0');
    assert.equal(event.id, 'pager/ticket.failed/t1');
    assert.equal(event.ticketid, 't1');
    await until(() => logged('notification sent').length === 3);
    assert.deepEqual([slack.got.length, discord.got.length, pager.got.length], [1, 1, 1]);
    assert.deepEqual(stage.nats.refusals.list(), []);
    const all = stage.lines.join('\n');
    for (const secret of [slackToken, 'discord-secret', key]) assert.ok(!all.includes(secret), secret);
  });

  it('changes its one message as the Ticket goes on, and is quiet about one that has none', async () => {
    await stage.start(rulesFor('{name: a, for: 0s, to: [ops, game, pager]}'), secrets());
    await stage.say('t1', { is: 'waiting', reason: 'ApprovalMissing', message: 'needs <@U1> & 1 approval' });
    await slack.count(1);
    await discord.count(1);
    assert.match(texts(slack)[0] ?? '', /needs &lt;@U1&gt; &amp; 1 approval/);
    await stage.say('t1', { is: 'promoting' });
    await slack.count(2);
    await discord.count(2);
    assert.match(texts(slack)[0] ?? '', /goes on/);
    await stage.say('t1', { is: 'failed' });
    await slack.count(4);
    await discord.count(4);
    // The message is changed, and a reply alerts people.
    assert.match(texts(slack)[0] ?? '', /^\*storefront\/prod: .* failed/);
    assert.match(texts(slack)[1] ?? '', /^\(reply to 1700000000\.000001\) .* failed/);
    assert.equal(discord.got.filter(({ method }) => method === 'PATCH').length, 2);
    await stage.say('t2', { is: 'promoting' });
    await stage.say('t2', { is: 'completed' });
    await stage.say('t3', { is: 'failed' });
    await until(() => texts(slack).length === 3);
    assert.ok(slack.got.every(({ body }) => !body.includes('is completed')));
    // The generic webhook gets what the rule selects, and nothing else.
    assert.deepEqual(
      (await pager.count(3)).map(({ body }) => JSON.parse(body).type),
      ['k8sta.notification.ticket.waiting', 'k8sta.notification.ticket.failed', 'k8sta.notification.ticket.failed'],
    );
  });

  it('sends nothing about a wait that ends before it has lasted long enough, and sends one that lasts', async () => {
    await stage.start(rulesFor('{name: a, events: [ticket.waiting, ticket.failed], for: 2s, to: [ops]}'), secrets());
    await stage.say('short', { is: 'waiting', reason: 'ApprovalMissing', message: 'a short wait' });
    await stage.say('long', { is: 'waiting', reason: 'ApprovalMissing', message: 'a long wait' });
    await stage.say('short', { is: 'promoting' });
    const started = Date.now();
    await slack.count(1);
    assert.ok(Date.now() - started > 1_000, 'not before the wait has lasted 2 s');
    // The first wait was due before this one.
    await stage.say('other', { is: 'failed' });
    await slack.count(2);
    assert.ok(slack.got.every(({ body }) => !body.includes('a short wait')));
    assert.match(slack.got[0]?.body ?? '', /a long wait/);
  });

  it('waits as long as the receiver asks for, and then sends once', async () => {
    slack.treat(slackRateLimit);
    await stage.start(rulesFor('{name: a, to: [ops]}'), secrets());
    await stage.say('t1', { is: 'failed' });
    await slack.count(1);
    const refusedAt = Date.now();
    await slack.count(2);
    assert.ok(Date.now() - refusedAt > 900, 'Retry-After was 1 s');
    await until(() => logged('notification sent').length === 1);
    assert.equal(texts(slack).length, 1);
    assert.doesNotMatch(texts(slack)[0] ?? '', /may have sent/);
  });

  it('sends to the others while a receiver is away, and sends to it when it is back', async () => {
    const port = await freePort();
    await stage.start(rulesFor('{name: a, to: [ops, game]}', `http://127.0.0.1:${port}`), secrets());
    for (const ticket of ['t1', 't2', 't3']) await stage.say(ticket, { is: 'failed' });
    await until(() => discord.messages.size === 3);
    const back = await startSlack(port);
    await until(() => back.messages.size === 3, { deadlineMs: 30_000 });
    await back.stop();
    assert.equal(discord.got.length, 3);
  });

  it('gives up what a receiver refuses for good, with an error and a metric that name no secret', async () => {
    discord.treat({ status: 401, body: `{"message": "no: ${discordPath}"}` });
    const service = await stage.start(rulesFor('{name: a, to: [game]}'), secrets());
    await stage.say('t1', { is: 'failed' });
    await until(() => logged('notification refused: nobody gets it').length === 1);
    const [line = ''] = logged('notification refused: nobody gets it');
    assert.match(line, /it answered 401/);
    assert.doesNotMatch(line, /discord-secret/);
    const metrics = await (await fetch(`${service.statusUrl}/metrics`)).text();
    assert.match(metrics, /k8sta_notifier_deliveries_total\{receiver="game",outcome="refused"\} 1/);
    await stage.say('t2', { is: 'failed' });
    await discord.count(2);
    assert.equal(discord.messages.size, 1);
  });

  it('uses a secret that was rotated', async () => {
    await stage.start(rulesFor('{name: a, to: [ops]}'), { ...secrets(), 'slack-token': 'xoxb-old' });
    await stage.writeSecret('slack-token', slackToken);
    await stage.say('t1', { is: 'failed' });
    await until(() => slack.messages.size === 1);
  });

  it('sends again after SIGKILL between sending and recording, under the same id, and says so where nothing recognises a repeat', async () => {
    slack.treat('hangs');
    pager.treat('hangs');
    const service = await stage.start(rulesFor('{name: a, to: [ops, pager]}'), secrets(), {
      K8STA_NOTIFY_TIMEOUT_MS: '1000',
    });
    await stage.say('t1', { is: 'failed' });
    await Promise.all([slack.count(1), pager.count(1)]);
    await service.kill('SIGKILL');
    await service.restart();
    await Promise.all([slack.count(2), pager.count(2)]);
    assert.match(texts(slack)[0] ?? '', /K8sTA was interrupted and may have sent this message before/);
    const [first, second] = pager.got;
    assert.equal(first?.headers['idempotency-key'], second?.headers['idempotency-key']);
    assert.equal(first?.body, second?.body);
    await until(() => logged('notification sent').length === 2);
    await service.kill('SIGKILL');
    await service.restart();
    await service.ready();
    await stage.say('t2', { is: 'failed' });
    await until(() => slack.messages.size === 2);
    assert.equal(slack.got.length, 3, 'nothing was sent again after the record was stored');
  });

  it('sends once with two replicas, however many Tickets fail', async () => {
    const rules = rulesFor('{name: a, for: 0s, to: [game]}');
    await stage.start(rules, secrets());
    await stage.start(rules, secrets());
    const tickets = Array.from({ length: 20 }, (_, at) => `t${at}`);
    await Promise.all(
      tickets.map(async (ticket) => {
        await stage.say(ticket, { is: 'waiting', reason: 'ApprovalMissing' });
        await stage.say(ticket, { is: 'failed' });
      }),
    );
    await until(
      () =>
        tickets.every((ticket) =>
          logged('notification sent').some(
            (line) => line.includes(`"event":"ticket.failed"`) && line.includes(`"ticketid":"${ticket}"`),
          ),
        ),
      { deadlineMs: 60_000 },
    );
    const posts = discord.got.filter(({ method }) => method === 'POST').length;
    const patches = discord.got.filter(({ method }) => method === 'PATCH').length;
    // A wait that was sent before the failure has one message, which is changed, and a second that alerts.
    assert.equal(posts, tickets.length + patches);
  });

  it('says in a wait what the Ticket says by now', async () => {
    await stage.start(rulesFor('{name: a, for: 2s, to: [pager]}'), secrets());
    const since = new Date();
    await stage.say('t1', { is: 'waiting', reason: 'ApprovalMissing', message: 'needs 2 approvals', since });
    await stage.say('t1', { is: 'waiting', reason: 'ApprovalMissing', message: 'needs 1 approval' });
    await stage.say('t2', { is: 'waiting', reason: 'BlockHeld' });
    const [hook] = await pager.count(1);
    assert.equal(JSON.parse(hook?.body ?? '').data.items[0].message, 'needs 1 approval');
    await until(() => logged('message not handled now, retrying').length >= 2);
    await stage.say('t3', { is: 'failed' });
    await until(() => pager.got.some(({ body }) => body.includes('t3')));
    assert.equal(pager.got.length, 2, 'the same wait in other words is not sent again');
  });

  it('sends that Argo CD waits for a person, and is quiet while it only takes its time', async () => {
    await stage.start(rulesFor('{name: a, for: 1s, to: [pager]}'), secrets());
    await stage.say('t1', { is: 'syncing', reason: 'AutoSyncOff' });
    await stage.say('t2', { is: 'syncing', reason: 'Progressing' });
    await stage.say('t3', { is: 'syncing', reason: 'Suspended' });
    await stage.say('t3', { is: 'completed' });
    const [hook] = await pager.count(1);
    const { ticketid, data } = JSON.parse(hook?.body ?? '');
    assert.equal(ticketid, 't1');
    assert.match(data.subject, /^storefront\/prod: .* waits for Argo CD \(AutoSyncOff\)$/);
    await stage.say('t4', { is: 'failed' });
    await until(() => pager.got.some(({ body }) => body.includes('t4')));
    assert.equal(pager.got.length, 2);
  });

  it('shows the problems of a Track while it has them, and the dead letters of a service', async () => {
    await stage.start(
      rulesFor(
        '{name: a, for: 0s, stations: [prod], events: [track.checked], to: [ops]}\n- {name: b, to: [game], events: [dead.letter, operator.word]}',
      ),
      secrets(),
    );
    const finding = (station: string) => ({
      station,
      reason: 'SharedFile' as const,
      message: `${station} shares a file`,
      holds: true,
    });
    const check = async (id: number, ...stations: string[]) => {
      const data = { track: 'storefront', findings: stations.map(finding), checkedAt: new Date().toISOString() };
      await stage.tracker.publish({ type: 'track.checked', id: `track.checked/${id}`, data });
    };
    await check(1, 'dev', 'prod');
    await slack.count(1);
    assert.match(
      texts(slack)[0] ?? '',
      /^\*storefront\/prod: one problem \(SharedFile\)\*\nprod shares a file\nWhat to do: Give each/,
    );
    await check(2, 'dev');
    await slack.count(2);
    assert.match(texts(slack)[0] ?? '', /no problem any more/);
    const original = { stream: 'K8STA', sequence: 7, subject: 'k8sta.ticket.x.opened', deliveries: 1, payload: '' };
    const cause = { service: 'tracker', reason: 'invalid' as const, cause: 'has no track', original };
    const die = (id: number) =>
      stage.tracker.publish({
        type: 'dead.letter',
        id: `dead.letter/${id}`,
        data: { ...cause, diedAt: new Date().toISOString() },
      });
    for (const id of [1, 2, 3]) await die(id);
    await discord.count(1);
    assert.match(texts(discord)[0] ?? '', /K8sTA: tracker has a dead letter \(invalid\).*\n.*has no track/);
    const word = {
      track: 'storefront',
      verb: 'pause' as const,
      by: 'alice',
      message: 'a fair',
      at: new Date().toISOString(),
    };
    await stage.tracker.publish({ type: 'operator.word', id: 'operator.word/1', data: word });
    await until(() => texts(discord).some((text) => /alice says pause.*\n.*a fair/.test(text)));
    assert.equal(discord.messages.size, 2, 'three dead letters are one message');
    assert.deepEqual(stage.nats.refusals.list(), []);
  });

  it('does not send what happened before the first notifier ran', async () => {
    await stage.say('old', { is: 'failed' });
    await stage.start(rulesFor('{name: a, to: [game]}'), secrets());
    await stage.say('new', { is: 'failed' });
    await discord.count(1);
    assert.equal((await discord.count(1)).length, 1);
    await until(() => logged('notification sent').length === 1);
    assert.match(logged('notification sent')[0] ?? '', /"ticketid":"new"/);
  });

  it('lists every fault of the rules and of the secrets when it starts', async () => {
    await assert.rejects(
      stage.start(rulesFor('{name: a, to: [ops]}'), { 'slack-token': slackToken }),
      (error: Error) => {
        assert.match(error.message, /receiver "game": the file "discord-webhook" cannot be read: it does not exist/);
        assert.match(error.message, /receiver "pager": the file "pager-key" cannot be read/);
        return true;
      },
    );
    const rules = rulesFor('{name: a, to: [opps], template: {body: "{{ nonsense }}"}}');
    await assert.rejects(stage.start(rules, secrets()), (error: Error) => {
      assert.match(error.message, /rules\.yaml:7:\d+: no receiver is named "opps"; did you mean "ops"\?/);
      assert.match(error.message, /rules\.yaml:7:\d+: undefined variable: nonsense/);
      return true;
    });
  });
});
