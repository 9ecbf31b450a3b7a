import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCertificate, freePort, type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import type { Notice } from '../notice.js';
import type { Ref } from '../record.js';
import type { EmailSpec } from '../rules/rule.js';
import { headerOf, type Mailbox, mailPassword, startMailbox } from './mailbox.fixture.js';
import { openReceiver } from './open.js';

const notice: Notice = {
  ...{ type: 'ticket.failed', id: 'ticket.failed/t1', sequence: 1, time: new Date(0), thread: 'ticket.storefront.t1' },
  ...{ occasion: 'o', mood: 'problem', status: 'failed', items: [] },
};

describe('e-mail', () => {
  let directory: TemporaryDirectory;
  let mailbox: Mailbox;

  beforeEach(async () => {
    directory = await temporaryDirectory('email');
    mailbox = await startMailbox();
  });
  afterEach(async () => {
    await mailbox?.stop();
    await directory?.remove();
  });

  const open = async (change: Partial<EmailSpec> = {}, password = mailPassword) => {
    await writeFile(join(directory.path, 'smtp'), password);
    const addresses = { from: 'K8sTA <k8sta@acme.test>', to: ['ops@acme.test', 'dev@acme.test'] };
    const server = { host: '127.0.0.1', port: mailbox.port, tls: 'none', user: 'k8sta', secretFile: 'smtp' } as const;
    const spec = { name: 'mail', kind: 'email', ...server, ...addresses, ...change } as const;
    return openReceiver(spec, { secrets: directory.path, timeoutMs: 1_000, isInsecureAllowed: false });
  };
  const delivery = (id: string, subject: string, ref?: Ref) => ({
    ...({ how: ref ? 'reply' : 'post', notice, id, ref } as const),
    message: { subject, body: 'the hook failed', links: [{ title: 'commit', url: 'https://git.test/1' }] },
  });

  it('goes to everybody, and the next one about the Ticket is a reply in its thread', async () => {
    const receiver = await open();
    const first = await receiver.send(delivery('1', 'storefront waits'));
    assert.ok(first.is === 'sent');
    const second = await receiver.send(delivery('2', 'storefront failed', first.ref));
    assert.deepEqual(second, first, 'replies refer to the first message');
    const [one, two] = await mailbox.count(2);
    assert.ok(one && two);
    assert.equal(one.from, 'k8sta@acme.test');
    assert.deepEqual(one.to, ['ops@acme.test', 'dev@acme.test']);
    assert.equal(headerOf(one, 'Subject'), 'storefront waits');
    assert.match(one.raw, /the hook failed\r?\n\r?\ncommit: https:\/\/git\.test\/1/);
    assert.equal(headerOf(one, 'Message-ID'), first.ref.id);
    assert.match(first.ref.id, /^<[0-9a-f]{32}@acme\.test>$/);
    assert.equal(headerOf(two, 'References'), first.ref.id);
    assert.equal(headerOf(two, 'In-Reply-To'), first.ref.id);
    assert.equal(headerOf(two, 'Subject'), 'Re: storefront waits');
    assert.match(two.raw, /storefront failed/);
    assert.equal(headerOf(two, 'Auto-Submitted'), 'auto-generated');
  });

  it('has the same Message-ID when it is sent again, and a subject that adds no header', async () => {
    const receiver = await open();
    const subject = 'a\r\nBcc: everybody@acme.test';
    for (const _ of [1, 2]) await receiver.send(delivery('1', subject));
    const [one, two] = await mailbox.count(2);
    assert.ok(one && two);
    assert.equal(headerOf(one, 'Message-ID'), headerOf(two, 'Message-ID'));
    assert.equal(headerOf(one, 'Bcc'), undefined);
    assert.deepEqual(one.to, ['ops@acme.test', 'dev@acme.test']);
  });

  it('tells a refusal for good from one that passes', async () => {
    const receiver = await open();
    mailbox.refuse(451, 550);
    assert.equal((await receiver.send(delivery('1', 's'))).is, 'unsent');
    assert.equal((await receiver.send(delivery('1', 's'))).is, 'refused');
    const wrong = await (await open({}, 'hunter2')).send(delivery('1', 's'));
    assert.ok(wrong.is === 'refused');
    assert.doesNotMatch(wrong.why, /hunter2/);
    const away = await (await open({ port: await freePort() })).send(delivery('1', 's'));
    assert.equal(away.is, 'unsent');
  });

  it('is not sent without TLS by a server that offers none, if the receiver asks for it', async () => {
    const sent = await (await open({ tls: 'starttls' })).send(delivery('1', 's'));
    assert.notEqual(sent.is, 'sent');
    assert.equal(mailbox.mails.length, 0);
  });

  it('is not sent to a server whose certificate nobody vouches for', async () => {
    const { certFile, keyFile } = await createCertificate(directory.path, 'smtp-server');
    const own = await startMailbox({ cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') });
    const sent = await (await open({ tls: 'starttls', port: own.port })).send(delivery('1', 's'));
    assert.notEqual(sent.is, 'sent');
    assert.equal(own.mails.length, 0);
    await own.stop();
  });
});
