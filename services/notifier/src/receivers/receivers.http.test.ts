import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import type { How } from '../decide.js';
import type { Message } from '../message/message.js';
import type { Notice } from '../notice.js';
import type { Ref } from '../record.js';
import type { ReceiverSpec } from '../rules/rule.js';
import { type Chat, discordPath, discordRateLimit, slackToken, startDiscord, startSlack } from './chat.fixture.js';
import { type HttpReceiver, startHttpReceiver } from './http-receiver.fixture.js';
import { openReceiver } from './open.js';

const notice: Notice = {
  ...{ type: 'ticket.failed', id: 'ticket.failed/t1', sequence: 1, time: new Date(0), thread: 'ticket.storefront.t1' },
  ...{ occasion: 'o', mood: 'problem', status: 'failed', items: [] },
};
const links = [{ title: 'commit 1234567', url: 'https://git.test/a/commit/1?x=a|b' }];
const message: Message = { subject: 'storefront: failed', body: 'it <b>broke</b> & @everyone *now*', links };

describe('a receiver', () => {
  let directory: TemporaryDirectory;
  let other: HttpReceiver;

  beforeEach(async () => {
    directory = await temporaryDirectory('receivers');
    other = await startHttpReceiver(() => ({ status: 202 }));
  });
  afterEach(async () => {
    await other?.stop();
    await directory?.remove();
  });

  const open = async (spec: ReceiverSpec, secret: string) => {
    if (spec.secretFile) await writeFile(join(directory.path, spec.secretFile), `${secret}\n`);
    return openReceiver(spec, { secrets: directory.path, timeoutMs: 300, isInsecureAllowed: false });
  };
  const delivery = (how: How = 'post', ref?: Ref, change: Partial<Message> = {}) => ({
    ...{ how, ref, notice, id: 'ops/ticket.failed/t1', message: { ...message, ...change } },
  });

  describe('Slack, as a bot', () => {
    let slack: Chat;
    beforeEach(async () => {
      slack = await startSlack();
    });
    afterEach(() => slack?.stop());
    const bot = (channel = 'C0123456789', token = slackToken) =>
      open({ name: 'ops', kind: 'slack', secretFile: 'slack', channel, api: `${slack.url}/api` }, token);

    it('escapes text, changes its message, and alerts by a reply in the channel', async () => {
      const receiver = await bot();
      const sent = await receiver.send(delivery());
      assert.ok(sent.is === 'sent');
      assert.deepEqual(sent.ref, { id: '1700000000.000001', channel: 'C0123456789' });
      assert.equal(
        slack.messages.get(sent.ref.id),
        '*storefront: failed*\nit &lt;b&gt;broke&lt;/b&gt; &amp; @everyone *now*\n<https://git.test/a/commit/1?x=a%7Cb|commit 1234567>',
      );
      await receiver.send(delivery('edit', sent.ref, { body: 'better' }));
      assert.equal(slack.messages.size, 1);
      assert.match([...slack.messages.values()][0] ?? '', /better/);
      const replied = await receiver.send(delivery('reply', sent.ref));
      assert.deepEqual(replied, { is: 'sent', ref: sent.ref }, 'the thread stays the same');
      assert.equal(JSON.parse(slack.got.at(-1)?.body ?? '').reply_broadcast, true);
    });

    it('replies where the message cannot be changed any more, and says when it is gone', async () => {
      const receiver = await bot();
      const ref = { id: '1700000000.000001', channel: 'C0123456789' };
      assert.equal((await receiver.send(delivery('edit', ref))).is, 'gone');
      slack.treat({ status: 200, body: '{"ok":false,"error":"edit_window_closed"}' });
      assert.equal((await receiver.send(delivery('edit', ref))).is, 'sent');
      assert.match([...slack.messages.values()][0] ?? '', /^\(reply to 1700000000\.000001\)/);
    });

    it('tells a refusal for good, with 200, from one that passes', async () => {
      assert.deepEqual(await (await bot('C9')).send(delivery()), {
        is: 'refused',
        why: 'Slack answered "channel_not_found"',
      });
      assert.deepEqual(await (await bot('C0123456789', 'xoxb-wrong')).send(delivery()), {
        is: 'refused',
        why: 'Slack answered "invalid_auth"',
      });
      slack.treat({ status: 200, body: '{"ok":false,"error":"ratelimited"}', headers: { 'retry-after': '7' } });
      assert.deepEqual(await (await bot()).send(delivery()), {
        is: 'unsent',
        why: 'Slack answered "ratelimited"',
        afterMs: 7_000,
      });
      slack.treat({ status: 200, body: JSON.stringify({ ok: false, error: 'a\nb' }) });
      assert.deepEqual(await (await bot()).send(delivery()), { is: 'refused', why: 'Slack answered "a b"' });
      slack.treat({ status: 200, body: '<html>a proxy</html>' });
      assert.equal((await (await bot()).send(delivery())).is, 'unsure');
    });

    it('needs a token that looks like one, and never shows it', async () => {
      const receiver = await bot('C1', 'hunter2');
      const sent = await receiver.send(delivery());
      assert.deepEqual(sent, { is: 'unsent', why: 'the file "slack" does not hold a token of Slack' });
      assert.equal(slack.got.length, 0);
    });
  });

  describe('Discord', () => {
    let discord: Chat;
    beforeEach(async () => {
      discord = await startDiscord();
    });
    afterEach(() => discord?.stop());
    const webhook = (path = discordPath) =>
      open({ name: 'ops', kind: 'discord', secretFile: 'd' }, `${discord.url}${path}`);

    it('learns the id of its message, changes it, and alerts by another message', async () => {
      const receiver = await webhook();
      const sent = await receiver.send(delivery());
      assert.deepEqual(sent, { is: 'sent', ref: { id: '1000' } });
      assert.match(discord.messages.get('1000') ?? '', /\\\*now\\\*/);
      await receiver.send(delivery('edit', { id: '1000' }, { body: 'better' }));
      assert.match(discord.messages.get('1000') ?? '', /better/);
      assert.deepEqual(await receiver.send(delivery('reply', { id: '1000' })), { is: 'sent', ref: { id: '1000' } });
      assert.equal(discord.messages.size, 2);
      assert.equal((await receiver.send(delivery('edit', { id: '999' }))).is, 'gone');
    });

    it('cuts what is longer than Discord takes, and keeps the links', async () => {
      const sent = await (await webhook()).send(delivery('post', undefined, { body: '_'.repeat(2_999) }));
      assert.equal(sent.is, 'sent');
      assert.match(discord.messages.get('1000') ?? '', /…\n\[commit 1234567\]/);
    });

    it('waits for the fraction of seconds in the body', async () => {
      discord.treat(discordRateLimit);
      const sent = await (await webhook()).send(delivery());
      assert.ok(sent.is === 'unsent');
      assert.equal(sent.afterMs, 300);
    });

    it('is refused for good by a webhook that was deleted, and shows no part of its address', async () => {
      const sent = await (await webhook('/api/webhooks/9/gone-secret')).send(delivery());
      assert.ok(sent.is === 'refused');
      assert.match(sent.why, /404.*10015/);
      assert.doesNotMatch(sent.why, /secret/);
    });
  });

  it('Teams takes an Adaptive Card whose text is no Markdown, and answers 202', async () => {
    const receiver = await open(
      { name: 'ops', kind: 'teams', secretFile: 't' },
      `${other.url}/workflows/x?sig=teams-secret`,
    );
    assert.equal((await receiver.send(delivery())).is, 'sent');
    const { type, attachments } = JSON.parse(other.got[0]?.body ?? '');
    assert.equal(type, 'message');
    const { contentType, content } = attachments[0];
    assert.equal(contentType, 'application/vnd.microsoft.card.adaptive');
    assert.deepEqual(content.body[1].inlines, [{ type: 'TextRun', text: message.body }]);
    assert.deepEqual(content.actions, [{ type: 'Action.OpenUrl', ...links[0] }]);
    other.treat({ status: 400, body: 'no workflow for teams-secret at /workflows/x?sig=teams-secret' });
    const refused = await receiver.send(delivery());
    assert.ok(refused.is === 'refused');
    assert.doesNotMatch(refused.why, /sig=teams-secret/);
  });

  it("Slack's incoming webhook can only post", async () => {
    const api = 'https://slack.com/api';
    const receiver = await open({ name: 'ops', kind: 'slack', secretFile: 's', api }, `${other.url}/services/T/B/x`);
    assert.deepEqual(receiver.abilities, { edits: false, replies: false });
    other.treat({ status: 200, body: 'ok' }, { status: 404, body: 'no_service' });
    assert.equal((await receiver.send(delivery())).is, 'sent');
    assert.deepEqual(await receiver.send(delivery()), { is: 'refused', why: 'it answered 404: no_service' });
  });

  describe('a webhook', () => {
    const hook = (url: string) =>
      open({ name: 'ops', kind: 'webhook', secretFile: 'h', url }, 'a-key-of-sixteen-characters');

    for (const [treatment, is] of [
      [{ status: 204 }, 'sent'],
      [{ status: 302, headers: { location: '/elsewhere' } }, 'refused'],
      [{ status: 400 }, 'refused'],
      [{ status: 410 }, 'refused'],
      [{ status: 503, headers: { 'retry-after': '2' } }, 'unsent'],
      [{ status: 500 }, 'unsure'],
      ['hangs', 'unsure'],
      ['drops', 'unsure'],
    ] as const) {
      it(`that answers ${typeof treatment === 'string' ? treatment : treatment.status} is ${is}`, async () => {
        other.treat(treatment);
        assert.equal((await (await hook(`${other.url}/`)).send(delivery())).is, is);
        assert.equal(other.got.length, 1, 'no redirect is followed, and nothing is sent twice');
      });
    }

    it('reads a bounded answer', async () => {
      other.treat({ status: 400, body: 'x'.repeat(4_000_000) });
      const sent = await (await hook(`${other.url}/`)).send(delivery());
      assert.ok(sent.is === 'refused' && sent.why.length < 300);
    });

    it('that nobody answers is unsent', async () => {
      const sent = await (await hook(`http://127.0.0.1:${await freePort()}/`)).send(delivery());
      assert.deepEqual(sent, { is: 'unsent', why: 'no answer: ECONNREFUSED' });
    });

    it('that does not speak TLS is unsent', async () => {
      const sent = await (await hook(`${other.url.replace('http:', 'https:')}/`)).send(delivery());
      assert.deepEqual(sent, { is: 'unsent', why: 'no answer: ERR_SSL_WRONG_VERSION_NUMBER' });
    });
  });

  it('refuses an address in a secret that is not https, without showing it', async () => {
    const receiver = await open({ name: 'ops', kind: 'teams', secretFile: 't' }, 'http://x.test/secret');
    assert.match((await receiver.check()) ?? '', /begins with http:\/\/, which needs K8STA_NOTIFY_INSECURE/);
    const sent = await receiver.send(delivery());
    assert.ok(sent.is === 'unsent' && !sent.why.includes('x.test'));
  });
});
