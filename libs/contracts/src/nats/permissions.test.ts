import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { operator } from '../questions.js';
import { noticeBucket, stateBucket } from '../streams.js';
import { usesOf } from '../uses.js';
import { permissionsOf, services, tap, tapPermissions } from './permissions.js';
import { personPermissions } from './person.js';
import { natsUsers, natsUsersFile } from './users.js';

const users = new URL('../../../../deploy/components/nats/users.conf', import.meta.url);

describe('permissions', () => {
  it('match deploy/; after an intended change: npm run generate', async () => {
    assert.equal(await readFile(users, 'utf8'), natsUsersFile());
  });

  it('let only the tracker request a commit, and only it change streams, which could bypass that', () => {
    const may = (part: string) => services.filter((service) => permissionsOf(service).publish.join().includes(part));
    const asks = (subject: string) => subject.startsWith('k8sta.') && subject.endsWith('.requested');
    assert.deepEqual(
      services.filter((service) => permissionsOf(service).publish.some(asks)),
      ['tracker'],
    );
    assert.deepEqual(may('STREAM.CREATE'), ['tracker']);
    assert.deepEqual(may('STREAM.UPDATE'), ['tracker']);
    const writes = (subject: string) => subject.startsWith(`$KV.${stateBucket}.`);
    assert.deepEqual(
      services.filter((service) => permissionsOf(service).publish.some(writes)),
      ['tracker'],
    );
    for (const service of services.filter((each) => each !== 'board')) {
      const deletes = permissionsOf(service).publish.filter((subject) => subject.includes('DELETE'));
      const own = new RegExp(`^\\$JS\\.API\\.CONSUMER\\.DELETE\\.\\w+\\.${service}-\\w+$`);
      assert.ok(
        deletes.every((subject) => own.test(subject)),
        `${deletes}`,
      );
    }
  });

  it('let the board follow what people look at with consumers of its own, and speak only under its own name', () => {
    const { publish, subscribe, deny } = permissionsOf('board');
    const followed = publish.filter((subject) => subject.startsWith('$JS.API.CONSUMER.CREATE'));
    assert.deepEqual(
      followed,
      ['K8STA', 'K8STA_APPLICATIONS', 'KV_K8STA_STATE'].map((stream) => `$JS.API.CONSUMER.CREATE.${stream}.>`),
    );
    assert.deepEqual(deny, tapPermissions.deny, 'it touches no durable of a service');
    assert.deepEqual(
      publish.filter((subject) => subject.startsWith('k8sta.')),
      ['k8sta.api.board.>'],
    );
    assert.deepEqual(subscribe, ['_INBOX_board.>']);
  });

  it('let a service read back only from the streams of the events that it declares', () => {
    const readable = (service: (typeof services)[number]) =>
      permissionsOf(service).publish.filter((subject) => /MSG\.GET\.K8STA/.test(subject));
    assert.deepEqual(readable('argo-watcher'), ['$JS.API.STREAM.MSG.GET.K8STA_APPLICATIONS']);
    assert.deepEqual(readable('promoter'), ['$JS.API.STREAM.MSG.GET.K8STA']);
    assert.deepEqual(readable('ingest'), [
      '$JS.API.STREAM.MSG.GET.K8STA_DELIVERIES',
      '$JS.API.STREAM.MSG.GET.K8STA',
      '$JS.API.STREAM.MSG.GET.K8STA_APPLICATIONS',
    ]);
    for (const service of services) {
      const streams = new Set(usesOf(service).reads.map(({ stream }) => `$JS.API.STREAM.MSG.GET.${stream}`));
      assert.deepEqual(readable(service), [...streams]);
    }
  });

  it('let only the notifier write the records of what it sent, and it publishes nothing else but its dead letters', () => {
    const writes = (subject: string) => subject.startsWith(`$KV.${noticeBucket}.`);
    assert.deepEqual(
      services.filter((service) => permissionsOf(service).publish.some(writes)),
      ['notifier'],
    );
    const { publish, subscribe } = permissionsOf('notifier');
    assert.deepEqual(
      publish.filter((subject) => !/^\$(JS|KV)\./.test(subject)),
      ['k8sta.dead.notifier.*'],
    );
    assert.deepEqual(subscribe, ['_INBOX_notifier.>']);
  });

  it('limit each Argo CD to its own subjects and durables', () => {
    const { publish } = permissionsOf('argo-watcher', 'eu');
    assert.ok(publish.includes('k8sta.application.eu.*.*.observed'));
    assert.ok(publish.includes('k8sta.dead.argo-watcher-eu.*'));
    assert.ok(publish.includes('$JS.ACK.K8STA.argo-watcher-eu-promotion_committed.>'));
  });

  it('let an operator replay webhooks, and nobody else', () => {
    const askers = Object.entries(natsUsers).filter(([, { publish }]) => publish.includes('k8sta.api.replay'));
    assert.deepEqual(
      askers.map(([user]) => user),
      ['operator'],
    );
  });

  it('let ingest publish the words of checkers, and no other word of an operator', () => {
    const words = (subjects: readonly string[]) => subjects.filter((subject) => subject.startsWith('k8sta.operator.'));
    assert.deepEqual(words(permissionsOf('ingest').publish), ['k8sta.operator.*.check']);
    assert.deepEqual(words(permissionsOf('tracker').publish), ['k8sta.operator.*.*']);
    for (const user of ['promoter', 'argo-watcher', tap, operator]) {
      assert.deepEqual(words(natsUsers[user]?.publish ?? []), [], user);
    }
  });

  it('let a person speak only under their own name, and only what they may', () => {
    const bob = personPermissions({ name: 'bob', may: ['approve'] });
    assert.deepEqual(bob, {
      publish: [
        ...['tickets', 'ticket', 'tracks', 'track', 'approve'].map((verb) => `k8sta.api.bob.${verb}`),
        ...['INFO', 'STREAM.INFO.K8STA', 'STREAM.MSG.GET.K8STA'].map((verb) => `$JS.API.${verb}`),
      ],
      subscribe: ['_INBOX_bob.>'],
      answers: false,
    });
    const watching = personPermissions({ name: 'bob', watches: true });
    assert.deepEqual(watching.deny, tapPermissions.deny);
    assert.deepEqual(watching.subscribe, ['k8sta.>', '_INBOX_bob.>']);
    const taken = ['tracker', 'tap', 'operator', 'board', 'a.b', '*', ''];
    for (const name of taken) assert.throws(() => personPermissions({ name }), RangeError, name);
  });

  it('let only the tracker answer the API, and only operators and the board speak', () => {
    const answering = services.filter((service) => permissionsOf(service).subscribe.join().includes('k8sta.api.*.'));
    assert.deepEqual(answering, ['tracker']);
    const speaking = Object.keys(natsUsers).filter((user) =>
      natsUsers[user]?.publish.some((subject) => /^k8sta\.api\.[^.]+\./.test(subject)),
    );
    assert.deepEqual(speaking, ['board', operator]);
  });

  it('let only the trackers speak to each other, and hand each other events', () => {
    const among = (subjects: readonly string[]) => subjects.filter((subject) => subject.startsWith('k8sta.replica.'));
    const own = ['k8sta.replica.tracker.*.event', 'k8sta.replica.tracker.*.wanted', 'k8sta.replica.tracker'];
    for (const [user, { publish, subscribe }] of Object.entries(natsUsers)) {
      assert.deepEqual(among(publish), user === 'tracker' ? own : [], user);
      assert.deepEqual(among(subscribe), user === 'tracker' ? own : [], user);
    }
  });

  it('let each user receive only its own questions and answers', () => {
    assert.deepEqual(permissionsOf('promoter').subscribe, [
      '_INBOX_promoter.>',
      'k8sta.git.relation',
      'k8sta.git.inspection',
    ]);
    assert.deepEqual(permissionsOf('ingest').subscribe, ['_INBOX_ingest.>', 'k8sta.api.replay']);
  });
});
