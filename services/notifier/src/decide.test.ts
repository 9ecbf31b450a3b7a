import assert from 'node:assert/strict';
import { type Abilities, decide } from './decide.js';
import type { Notice } from './notice.js';
import { isSent, noRecord, type Record, settled } from './record.js';

const now = new Date('2026-01-01T08:00:00Z');
const leaseMs = 30_000;
const chat: Abilities = { edits: true, replies: true };
const mail: Abilities = { edits: false, replies: true };
const hook: Abilities = { edits: false, replies: false };

function aNotice(sequence: number, change: Partial<Notice> = {}): Notice {
  return {
    ...{ type: 'ticket.failed', id: `e${sequence}`, sequence, time: now, thread: 'ticket.storefront.t1' },
    ...{ occasion: `o${sequence}`, mood: 'problem', status: 'failed', items: [] },
    ...change,
  };
}

const sent = (sequence: number, before: Record = noRecord) =>
  settled(before, { sequence, occasion: `o${sequence}` }, before.ref ?? { id: 'first' });
const selected = (notice: Notice, record: Record | undefined, abilities: Abilities) =>
  decide({ notice, isSelected: true, record, abilities, leaseMs }, now);
const other = (notice: Notice, record: Record | undefined, abilities: Abilities) =>
  decide({ notice, isSelected: false, record, abilities, leaseMs }, now);
const howOf = (decision: ReturnType<typeof decide>) => (decision.is === 'send' ? decision.how : decision.is);

describe('what to send', () => {
  it('is a new message for the first notice of a thread, with the intent to store first', () => {
    const decision = selected(aNotice(5), undefined, chat);
    assert.ok(decision.is === 'send');
    assert.equal(decision.how, 'post');
    assert.deepEqual(decision.record.intent, { id: 'e5', at: now.toISOString() });
  });

  it('is nothing for a notice that was sent, however late it comes again', () => {
    for (const abilities of [chat, mail, hook])
      assert.deepEqual(selected(aNotice(5), sent(5), abilities), { is: 'nothing' });
    let record = sent(1);
    for (let sequence = 2; sequence <= 100; sequence++) record = sent(sequence, record);
    assert.ok(record.sent.length <= 32, 'the record is bounded');
    for (const sequence of [1, 50, 100]) assert.ok(isSent(record, sequence), String(sequence));
  });

  it('is a change and an alert for a new problem, a change alone for the same one in other words', () => {
    assert.equal(howOf(selected(aNotice(6), sent(5), chat)), 'reply');
    assert.equal(howOf(selected(aNotice(6, { occasion: 'o5' }), sent(5), chat)), 'edit');
    assert.equal(howOf(selected(aNotice(6, { mood: 'news' }), sent(5), chat)), 'edit');
  });

  it('is one message for each occasion where messages cannot be changed', () => {
    assert.equal(howOf(selected(aNotice(6), sent(5), mail)), 'reply');
    assert.equal(howOf(selected(aNotice(6), sent(5), hook)), 'post');
    assert.equal(howOf(selected(aNotice(6, { occasion: 'o5' }), sent(5), mail)), 'nothing');
  });

  it('is never an older state where a newer one is shown, but every notice where messages stay', () => {
    assert.deepEqual(selected(aNotice(4), sent(5), chat), { is: 'nothing' });
    assert.equal(howOf(selected(aNotice(4), sent(5), hook)), 'post');
  });

  it('is, for an event that no rule selects, a change of a message that exists and nothing else', () => {
    assert.equal(howOf(other(aNotice(6), sent(5), chat)), 'edit');
    assert.deepEqual(other(aNotice(6), undefined, chat), { is: 'nothing' });
    assert.equal(howOf(other(aNotice(6), sent(5), mail)), 'nothing');
  });

  it('is a new alert when a wait that was sent ends and begins again', () => {
    const waiting = sent(5);
    const over = other(aNotice(6), waiting, mail);
    assert.ok(over.is === 'nothing' && over.record);
    assert.equal(howOf(selected(aNotice(7, { occasion: 'o5' }), over.record, mail)), 'reply');
  });

  it('waits while another event of the thread is being sent, and no longer than its lease', () => {
    const pending = (ago: number) => ({
      ...noRecord,
      intent: { id: 'e4', at: new Date(now.getTime() - ago).toISOString() },
    });
    assert.deepEqual(selected(aNotice(5), pending(10_000), chat), { is: 'later', until: now.getTime() + 20_000 });
    const taken = selected(aNotice(5), pending(leaseMs), chat);
    assert.ok(taken.is === 'send' && !taken.isRepeat);
    const repeated = selected(aNotice(4), pending(leaseMs), chat);
    assert.ok(repeated.is === 'send' && repeated.isRepeat, 'it may have been sent before');
  });
});
