import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { until } from '@k8sta/sandbox';
import { slackToken } from './receivers/chat.fixture.js';
import { logged, pagerKey, sceneForEach, texts } from './tools.fixture.js';

const entry = import.meta.resolve('@k8sta/notifier');

describe('what the notifier sends', () => {
  const scene = sceneForEach(entry);

  it('posts a failed Ticket once to each receiver of its rule, with what to do and links, and signs it', async () => {
    const { stage, slack, discord, pager, secrets, rules } = scene;
    await stage.start(rules('{name: a, to: [ops, game, pager]}'), secrets);
    await stage.say('t1', { is: 'failed' });
    await Promise.all([slack.count(1), discord.count(1), pager.count(1)]);
    const [text = ''] = texts(slack);
    assert.match(text, /^\*storefront\/prod: ghcr\.io\/acme\/storefront:1\.4\.2 failed \(SyncFailed\)\*\n/);
    assert.match(text, /the hook migrate failed\nWhat to do: The message names/);
    assert.match(text, /<https:\/\/github\.com\/acme\/deploy\/commit\/a{40}\|commit aaaaaaa>/);
    const [hook] = pager.got;
    const mac = createHmac('sha256', pagerKey)
      .update(hook?.body ?? '')
      .digest('hex');
    assert.equal(hook?.headers['x-k8sta-signature-256'], `sha256=${mac}`);
    const event = JSON.parse(hook?.body ?? '');
    assert.equal(event.specversion, '1.0');
    assert.equal(event.id, 'pager/ticket.failed/t1');
    assert.equal(event.ticketid, 't1');
    await until(() => logged(stage, 'notification sent').length === 3);
    assert.deepEqual([slack.got.length, discord.got.length, pager.got.length], [1, 1, 1]);
    assert.deepEqual(stage.nats.refusals.list(), []);
    const all = stage.lines.join('\n');
    for (const secret of [slackToken, 'discord-secret', pagerKey]) assert.ok(!all.includes(secret), secret);
  });

  it('changes its one message as the Ticket goes on, and is quiet about one that has none', async () => {
    const { stage, slack, discord, pager, secrets, rules } = scene;
    await stage.start(rules('{name: a, for: 0s, to: [ops, game, pager]}'), secrets);
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
    const { stage, slack, secrets, rules } = scene;
    await stage.start(rules('{name: a, events: [ticket.waiting, ticket.failed], for: 2s, to: [ops]}'), secrets);
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

  it('says in a wait what the Ticket says by now', async () => {
    const { stage, pager, secrets, rules } = scene;
    await stage.start(rules('{name: a, for: 2s, to: [pager]}'), secrets);
    const since = new Date();
    await stage.say('t1', { is: 'waiting', reason: 'ApprovalMissing', message: 'needs 2 approvals', since });
    await stage.say('t1', { is: 'waiting', reason: 'ApprovalMissing', message: 'needs 1 approval' });
    await stage.say('t2', { is: 'waiting', reason: 'BlockHeld' });
    const [hook] = await pager.count(1);
    assert.equal(JSON.parse(hook?.body ?? '').data.items[0].message, 'needs 1 approval');
    await until(() => logged(stage, 'message not handled now, retrying').length >= 2);
    await stage.say('t3', { is: 'failed' });
    await until(() => pager.got.some(({ body }) => body.includes('t3')));
    assert.equal(pager.got.length, 2, 'the same wait in other words is not sent again');
  });

  it('sends that Argo CD waits for a person, and is quiet while it only takes its time', async () => {
    const { stage, pager, secrets, rules } = scene;
    await stage.start(rules('{name: a, for: 1s, to: [pager]}'), secrets);
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
    const { stage, slack, discord, secrets, rules } = scene;
    await stage.start(
      rules(
        '{name: a, for: 0s, stations: [prod], events: [track.checked], to: [ops]}\n- {name: b, to: [game], events: [dead.letter, operator.word]}',
      ),
      secrets,
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
});
