import assert from 'node:assert/strict';
import type { DataOf } from '@k8sta/contracts';
import { type AnyPlaced, noticeOf } from '../notice.js';
import { selectFor } from './match.js';
import { parseRules } from './parse.js';

const at = '2026-01-01T08:00:00Z';
const place = { id: 'e1', sequence: 1, time: new Date(at) };
const head = { ticket: 't1', track: 'storefront', image: { repository: 'ghcr.io/acme/storefront', tag: '1.4.2' } };

function waiting(reason: DataOf<'ticket.waiting'>['reason'], next = 'prod'): AnyPlaced {
  return { ...place, type: 'ticket.waiting', data: { ...head, next, on: 'gate', reason, message: 'waits', since: at } };
}
const failed: AnyPlaced = {
  ...{ ...place, type: 'ticket.failed' },
  data: { ...head, station: 'prod', reason: 'SyncFailed', message: 'no', failedAt: at },
};
const completed: AnyPlaced = { ...place, type: 'ticket.completed', data: { ...head, completedAt: at, stations: [] } };
const paused: AnyPlaced = {
  ...{ ...place, type: 'operator.word' },
  data: { track: 'storefront', verb: 'pause', by: 'alice', at, message: 'a fair' },
};
const checked: AnyPlaced = {
  ...{ ...place, type: 'track.checked' },
  data: {
    track: 'storefront',
    findings: [
      { station: 'dev', reason: 'SharedFile', message: 'shared', holds: true },
      { station: 'prod', reason: 'AutoSyncOff', message: 'off', holds: false },
    ],
    checkedAt: at,
  },
};
const dead: AnyPlaced = {
  ...{ ...place, type: 'dead.letter' },
  data: {
    ...{ service: 'tracker', reason: 'invalid', cause: 'has no track', diedAt: at },
    original: { stream: 'K8STA', sequence: 7, subject: 'k8sta.ticket.x.opened', deliveries: 1, payload: '' },
  },
};

function messages(rule: string, event: AnyPlaced): string[] | undefined {
  const text = `receivers: [{name: ops, teams: {secretFile: a}}]\nrules: [{name: a, to: [ops], ${rule}}]\n`;
  const parsed = parseRules('rules.yaml', text, { isInsecureAllowed: false });
  assert.ok('rules' in parsed, JSON.stringify(parsed));
  const [selected] = selectFor(parsed.rules.rules, 'ops', noticeOf(event));
  return selected?.notice.items.map(({ message }) => message);
}

describe('a rule', () => {
  it('selects by default what needs a person, and is quiet when all is well', () => {
    for (const event of [failed, waiting('ApprovalMissing'), checked, dead]) assert.ok(messages('', event), event.type);
    for (const event of [completed, paused, waiting('BlockHeld'), waiting('Soaking'), waiting('Arrived')]) {
      assert.equal(messages('', event), undefined, event.type);
    }
  });

  it('selects Tracks and Stations by names and globs', () => {
    assert.ok(messages('tracks: [store*]', failed));
    assert.equal(messages('tracks: [shop]', failed), undefined);
    assert.ok(messages('tracks: ["*"], stations: [prod]', failed));
    assert.equal(messages('stations: [dev]', failed), undefined);
    assert.equal(messages('stations: [dev]', waiting('ApprovalMissing')), undefined);
    assert.equal(messages('tracks: ["*"]', dead), undefined, 'a dead letter is of no Track');
  });

  it('selects reasons, also those that it is quiet about by default', () => {
    assert.ok(messages('reasons: [Soaking, Degraded]', waiting('Soaking')));
    assert.equal(messages('reasons: [Degraded]', failed), undefined);
  });

  it('selects the findings of its Stations only', () => {
    assert.deepEqual(messages('stations: [prod]', checked), ['off']);
    assert.deepEqual(messages('reasons: [SharedFile]', checked), ['shared']);
    assert.equal(messages('stations: [stage]', checked), undefined);
  });

  it('selects the words of operators', () => {
    assert.deepEqual(messages('events: [operator.word], verbs: [pause]', paused), ['a fair']);
    assert.equal(messages('events: [operator.word], verbs: [resume]', paused), undefined);
  });
});
