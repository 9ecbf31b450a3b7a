import assert from 'node:assert/strict';
import { waitReason } from '@k8sta/contracts';
import { compose } from '../compose.js';
import { noticeOf } from '../notice.js';
import { needsPerson } from '../rules/needs-person.js';
import { commitUrl } from './links.js';
import { compile } from './template.js';

const at = '2026-01-01T08:00:00Z';
const commit = 'a'.repeat(40);
const place = { id: 'e1', sequence: 1, time: new Date(at) };
const head = { ticket: 't1', track: 'storefront', image: { repository: 'ghcr.io/acme/storefront', tag: '1.4.2' } };

function failed(message: string) {
  const data = { ...head, station: 'prod', reason: 'SyncFailed', message, failedAt: at } as const;
  return noticeOf({ ...place, type: 'ticket.failed', data });
}
const standard = { template: undefined, ticket: undefined, links: {}, saysRepeat: false, onFault: assert.fail };

describe('a message', () => {
  it('says Track, Station, image and reason in its subject, and in its body what is wrong and what to do', () => {
    const { subject, body } = compose(failed('the hook migrate failed'), standard);
    assert.equal(subject, 'storefront/prod: ghcr.io/acme/storefront:1.4.2 failed (SyncFailed)');
    assert.match(body, /^the hook migrate failed\nWhat to do: The message names the resources/);
  });

  it('keeps text from outside on one line, without control characters, and bounded', () => {
    const { body } = compose(failed(`a\u001b[31m\nInjected: header\u202E ${'x'.repeat(10_000)}`), standard);
    assert.match(body, /^a.*Injected: header x/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there
    assert.doesNotMatch(body, /[\u0000-\u0009\u000b-\u001f\u202E]/);
    assert.ok(body.length <= 3_000);
  });

  it('is the standard one when a template fails with this notice, and the fault is reported', () => {
    const faults: string[] = [];
    const template = {
      render: () => {
        throw new Error('too long');
      },
    };
    const { subject } = compose(failed('no'), {
      ...standard,
      template,
      onFault: ({ message }) => void faults.push(message),
    });
    assert.match(subject, /failed/);
    assert.deepEqual(faults, ['too long']);
  });

  it('lists findings, each with what to do, and counts those that it leaves out', () => {
    const findings = Array.from(
      { length: 25 },
      (_, n) => ({ station: `s${n}`, reason: 'SharedFile', message: `file ${n}`, holds: true }) as const,
    );
    const notice = noticeOf({
      ...place,
      type: 'track.checked',
      data: { track: 'storefront', findings, checkedAt: at },
    });
    const { subject, body } = compose(notice, standard);
    assert.equal(subject, 'storefront: 25 problems (SharedFile)');
    assert.match(
      body,
      /^- s0: file 0 \(SharedFile\)\nWhat to do: Give each Station an overlay or a values file of its own\.\n- s1/,
    );
    assert.match(body, /and 5 more$/);
  });

  it('can be written by an operator', () => {
    const template = compile({ subject: '{{ tag }} broke {{ station | upcase }}', body: '{{ reason }}' });
    assert.deepEqual(compose(failed('no'), { ...standard, template }), {
      subject: '1.4.2 broke PROD',
      body: 'SyncFailed',
      links: [],
    });
  });

  for (const [repository, url] of [
    ['https://github.com/acme/deploy.git', `https://github.com/acme/deploy/commit/${commit}`],
    ['git@github.com:acme/deploy.git', `https://github.com/acme/deploy/commit/${commit}`],
    [
      'ssh://git@gitlab.example.com:2222/acme/team/deploy',
      `https://gitlab.example.com/acme/team/deploy/-/commit/${commit}`,
    ],
    ['https://bitbucket.org/acme/deploy', `https://bitbucket.org/acme/deploy/commits/${commit}`],
    ['file:///etc/passwd', undefined],
    ['javascript:alert(1)', undefined],
  ] as const) {
    it(`links a commit of ${repository}`, () => assert.equal(commitUrl(repository, commit), url));
  }

  it('links a commit of a repository with very many slashes in its address, in linear time', () => {
    const repository = `https://git.test/a${'/'.repeat(60_000)}a`;
    assert.equal(commitUrl(repository, commit), `${repository}/commit/${commit}`);
  });

  it('is sent by default only for waits that exist', () => {
    for (const reason of needsPerson) assert.ok(waitReason.safeParse(reason).success, reason);
  });
});
