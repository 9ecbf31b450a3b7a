import assert from 'node:assert/strict';
import { freePort, until } from '@k8sta/sandbox';
import { discordPath, slackRateLimit, slackToken, startSlack } from './receivers/chat.fixture.js';
import { logged, sceneForEach, texts } from './tools.fixture.js';

const entry = import.meta.resolve('@k8sta/notifier');

describe('the notifier as a process', () => {
  const scene = sceneForEach(entry);

  it('waits as long as the receiver asks for, and then sends once', async () => {
    const { stage, slack, secrets, rules } = scene;
    slack.treat(slackRateLimit);
    await stage.start(rules('{name: a, to: [ops]}'), secrets);
    await stage.say('t1', { is: 'failed' });
    await slack.count(1);
    const refusedAt = Date.now();
    await slack.count(2);
    assert.ok(Date.now() - refusedAt > 900, 'Retry-After was 1 s');
    await until(() => logged(stage, 'notification sent').length === 1);
    assert.equal(texts(slack).length, 1);
    assert.doesNotMatch(texts(slack)[0] ?? '', /may have sent/);
  });

  it('sends to the others while a receiver is away, and sends to it when it is back', async () => {
    const { stage, discord, secrets, rules } = scene;
    const port = await freePort();
    await stage.start(rules('{name: a, to: [ops, game]}', `http://127.0.0.1:${port}`), secrets);
    for (const ticket of ['t1', 't2', 't3']) await stage.say(ticket, { is: 'failed' });
    await until(() => discord.messages.size === 3);
    const back = await startSlack(port);
    await until(() => back.messages.size === 3, { deadlineMs: 30_000 });
    await back.stop();
    assert.equal(discord.got.length, 3);
  });

  it('gives up what a receiver refuses for good, with an error and a metric that name no secret', async () => {
    const { stage, discord, secrets, rules } = scene;
    discord.treat({ status: 401, body: `{"message": "no: ${discordPath}"}` });
    const service = await stage.start(rules('{name: a, to: [game]}'), secrets);
    await stage.say('t1', { is: 'failed' });
    await until(() => logged(stage, 'notification refused: nobody gets it').length === 1);
    const [line = ''] = logged(stage, 'notification refused: nobody gets it');
    const { reason, message } = JSON.parse(line);
    assert.equal(reason, 'NotificationRefused');
    assert.match(message, /^it answered 401/);
    assert.doesNotMatch(line, /discord-secret/);
    const metrics = await (await fetch(`${service.statusUrl}/metrics`)).text();
    assert.match(metrics, /k8sta_notifier_deliveries_total\{receiver="game",outcome="refused"\} 1/);
    await stage.say('t2', { is: 'failed' });
    await discord.count(2);
    assert.equal(discord.messages.size, 1);
  });

  it('uses a secret that was rotated', async () => {
    const { stage, slack, secrets, rules } = scene;
    await stage.start(rules('{name: a, to: [ops]}'), { ...secrets, 'slack-token': 'xoxb-old' });
    await stage.writeSecret('slack-token', slackToken);
    await stage.say('t1', { is: 'failed' });
    await until(() => slack.messages.size === 1);
  });

  it('sends again after SIGKILL between sending and recording, under the same id, and says so where nothing recognises a repeat', async () => {
    const { stage, slack, pager, secrets, rules } = scene;
    slack.treat('hangs');
    pager.treat('hangs');
    const service = await stage.start(rules('{name: a, to: [ops, pager]}'), secrets, {
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
    await until(() => logged(stage, 'notification sent').length === 2);
    await service.kill('SIGKILL');
    await service.restart();
    await service.ready();
    await stage.say('t2', { is: 'failed' });
    await until(() => slack.messages.size === 2);
    assert.equal(slack.got.length, 3, 'nothing was sent again after the record was stored');
  });

  it('sends once with two replicas, however many Tickets fail', async () => {
    const { stage, discord, secrets, rules } = scene;
    const both = rules('{name: a, for: 0s, to: [game]}');
    // An answer that is only slow would count as none, and what was perhaps sent is sent again.
    const patient = { K8STA_NOTIFY_TIMEOUT_MS: '20000' };
    await stage.start(both, secrets, patient);
    await stage.start(both, secrets, patient);
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
          logged(stage, 'notification sent').some(
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

  it('does not send what happened before the first notifier ran', async () => {
    const { stage, discord, secrets, rules } = scene;
    await stage.say('old', { is: 'failed' });
    await stage.start(rules('{name: a, to: [game]}'), secrets);
    await stage.say('new', { is: 'failed' });
    await discord.count(1);
    assert.equal((await discord.count(1)).length, 1);
    await until(() => logged(stage, 'notification sent').length === 1);
    assert.match(logged(stage, 'notification sent')[0] ?? '', /"ticketid":"new"/);
  });

  it('lists every fault of the rules and of the secrets when it starts', async () => {
    const { stage, secrets, rules } = scene;
    await assert.rejects(stage.start(rules('{name: a, to: [ops]}'), { 'slack-token': slackToken }), (error: Error) => {
      assert.match(error.message, /receiver "game": the file "discord-webhook" cannot be read: it does not exist/);
      assert.match(error.message, /receiver "pager": the file "pager-key" cannot be read/);
      return true;
    });
    const both = rules('{name: a, to: [opps], template: {body: "{{ nonsense }}"}}');
    await assert.rejects(stage.start(both, secrets), (error: Error) => {
      assert.match(error.message, /rules\.yaml:7:\d+: no receiver is named "opps"; did you mean "ops"\?/);
      assert.match(error.message, /rules\.yaml:7:\d+: undefined variable: nonsense/);
      return true;
    });
  });
});
