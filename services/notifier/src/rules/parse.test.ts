import assert from 'node:assert/strict';
import { formatFault } from '@k8sta/tracks';
import { parseRules } from './parse.js';

const receivers = 'receivers:\n- {name: ops, slack: {channel: C1, secretFile: token}}\n';

function faults(text: string, isInsecureAllowed = false): string[] {
  const parsed = parseRules('rules.yaml', text, { isInsecureAllowed });
  return 'faults' in parsed ? parsed.faults.map(formatFault) : [];
}

describe('a rules file', () => {
  for (const [what, text, fault] of [
    ['text that is not YAML', 'receivers: [', /^rules\.yaml:1:\d+: is not valid YAML/],
    ['an empty file', '', /^rules\.yaml:1:1: the file is wrong: expected object/],
    [
      'an unknown key',
      `${receivers}rules:\n- {name: a, to: [ops], trakcs: [a]}\n`,
      /^rules\.yaml:4:24: unknown key "trakcs"; did you mean "tracks"\?/,
    ],
    ['a missing key', `${receivers}rules:\n- {name: a}\n`, /^rules\.yaml:4:3: "to" is missing/],
    [
      'an unknown receiver',
      `${receivers}rules:\n- {name: a, to: [opps]}\n`,
      /4:18: no receiver is named "opps"; did you mean "ops"/,
    ],
    [
      'an unknown reason',
      `${receivers}rules:\n- {name: a, reasons: [Degradet], to: [ops]}\n`,
      /4:23: "Degradet" is not a reason; did you mean "Degraded"/,
    ],
    [
      'an unknown event',
      `${receivers}rules:\n- {name: a, events: [ticket.fail], to: [ops]}\n`,
      /"ticket\.fail" is not an event of a rule; did you mean "ticket\.failed"/,
    ],
    [
      'a duration without a unit',
      `${receivers}rules:\n- {name: a, for: "10", to: [ops]}\n`,
      /"for" must be a duration such as "0s"/,
    ],
    [
      'a name used twice',
      `${receivers}- {name: ops, teams: {secretFile: a}}\nrules: []\n`,
      /3:10: the name "ops" is used twice/,
    ],
    [
      'a receiver of two kinds',
      'receivers:\n- {name: a, teams: {secretFile: a}, discord: {secretFile: a}}\nrules: []\n',
      /2:3: a receiver has exactly one of/,
    ],
    [
      'a path as a secret',
      'receivers:\n- {name: a, teams: {secretFile: ../nats/password}}\nrules: []\n',
      /"secretFile" must be the name of a file in K8STA_NOTIFY_SECRETS/,
    ],
    [
      'a password in an address',
      'receivers:\n- {name: a, webhook: {url: "https://me:hunter2@x.test/", secretFile: a}}\nrules: []\n',
      /"url" must not contain a user or a password/,
    ],
    [
      'http to another host',
      'receivers:\n- {name: a, webhook: {url: "http://x.test/", secretFile: a}}\nrules: []\n',
      /2:28: http:\/\/ leads only to this host/,
    ],
    [
      'SMTP without TLS to another host',
      'receivers:\n- {name: a, email: {host: x.test, tls: none, from: a@x.test, to: [b@x.test]}}\nrules: []\n',
      /"none" is only to this host/,
    ],
    [
      'a template with an unknown name',
      `${receivers}rules:\n- {name: a, to: [ops], template: {body: "{{ tags }}"}}\n`,
      /4:41: undefined variable: tags/,
    ],
    [
      'a template that does not end',
      `${receivers}rules:\n- {name: a, to: [ops], template: {subject: "{% if tag %}"}}\n`,
      /4:44: .*not closed/,
    ],
    [
      'a template that never stops',
      `${receivers}rules:\n- {name: a, to: [ops], template: {body: "{% for i in (1..99999999) %}{{ i }}{% endfor %}"}}\n`,
      /4:41: .*limit/,
    ],
    [
      'a link that is no address',
      `links: {board: "{{ track }}"}\n${receivers}rules: []\n`,
      /1:16: must make an address/,
    ],
  ] as const) {
    it(`refuses ${what}, with line and column`, () => {
      const found = faults(text);
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0] ?? '', fault);
      assert.doesNotMatch(found[0] ?? '', /hunter2/);
    });
  }

  it('lists all faults, and lets http through to this host, or anywhere if that is switched on', () => {
    const plain = (host: string) =>
      `receivers:\n- {name: a, webhook: {url: "http://${host}/", secretFile: a}}\nrules: []\n`;
    for (const host of ['127.0.0.1:8080', 'localhost', '[::1]']) assert.deepEqual(faults(plain(host)), []);
    for (const host of ['127.0.0.1.x.test', '127.1.x.test', 'localhost.x.test'])
      assert.equal(faults(plain(host)).length, 1);
    assert.deepEqual(faults(plain('x.test'), true), []);
    assert.equal(faults(`${receivers}rules:\n- {name: a, to: [b]}\n- {name: a, to: [c]}\n`).length, 3);
  });
});
