import assert from 'node:assert/strict';
import { ticketId } from '@k8sta/contracts';
import { aCommit, aLineOf, missDeadline, ride } from './line.fixture.js';
import { idOf, repository, types } from './ride.fixture.js';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

describe('a tag that is pushed again', () => {
  it('is the same Ticket while that is on its way, and opens it once', () => {
    const line = aLineOf({ dev: {} });
    line.push('1.0.0');
    assert.deepEqual(line.push('1.0.0', { sequence: 9 }), []);
    assert.equal(types(line.events).filter((type) => type === 'opened').length, 1);
  });

  it('rides as the next attempt after the first has failed, with a promotion of its own', () => {
    const line = aLineOf({ dev: {} });
    line.push('1.0.0');
    line.commit('1.0.0', aCommit());
    missDeadline(line, '1.0.0');
    line.later(1).push('1.0.0', { attempt: 2, sequence: 9 });
    assert.equal(line.id('1.0.0'), ticketId('storefront', { repository, tag: '1.0.0' }, 2));
    assert.equal(line.live('1.0.0').ticket.attempt, 2);
    assert.notEqual(line.promotion('1.0.0').id, `${idOf('1.0.0')}/dev/1`);
    ride(line, '1.0.0');
    assert.equal(line.fate('1.0.0'), 'completed');
  });

  it('rides with another digest, and replaces the first', () => {
    const line = aLineOf({ dev: {}, prod: { gates: { approval: { count: 1 } } } });
    line.push('1.0.0', { digest: digest('a') });
    const first = line.id('1.0.0');
    ride(line, '1.0.0');
    line.later(1).push('1.0.0', { digest: digest('b'), sequence: 9 });
    assert.notEqual(line.id('1.0.0'), first);
    ride(line, '1.0.0');
    const superseded = line.events.find((event) => event.type === 'superseded' && event.ticket === first);
    assert.ok(superseded);
  });

  it('is forced by the word `promote`, which starts where the operator says', () => {
    const line = aLineOf({ dev: {}, prod: {} });
    line.push('1.0.0');
    ride(line, '1.0.0');
    ride(line, '1.0.0');
    line.later(1).promote('1.0.0', 'prod');
    assert.equal(line.promotion('1.0.0').station, 'prod');
    assert.equal(line.live('1.0.0').ticket.by, 'alice');
    assert.deepEqual(line.promote('1.0.0', 'prod'), [], 'a repeat');
    assert.deepEqual(line.promote('1.0.0', 'moon'), [], 'the Station was removed since');
  });

  it('is retried from the Station that the word names', () => {
    const line = aLineOf({ dev: {}, prod: {} });
    line.push('1.0.0');
    ride(line, '1.0.0');
    line.commit('1.0.0', aCommit());
    missDeadline(line, '1.0.0');
    const image = { repository, tag: '1.0.0' };
    line.later(1).say('retry', { ticket: idOf('1.0.0'), image, attempt: 2, station: 'prod' });
    assert.equal(line.promotion('1.0.0').station, 'prod');
    ride(line, '1.0.0');
    assert.equal(line.fate('1.0.0'), 'completed');
  });

  it('is not opened on a Track that the tracks files no longer have', () => {
    const line = aLineOf({ dev: {} });
    line.track = { ...line.track, stations: [] };
    assert.deepEqual(line.push('1.0.0'), []);
    assert.deepEqual(line.promote('1.0.0'), []);
  });
});

describe('a rollback of an operator', () => {
  it('brings the earlier image to this Station only, past its gates', () => {
    const line = aLineOf({ dev: {}, prod: { gates: { approval: { count: 1 } }, soakMs: 600_000 } });
    for (const tag of ['1.0.0', '1.1.0']) {
      line.later(1).push(tag);
      ride(line, tag);
      line.approve(tag, 'prod');
      ride(line, tag);
      line.later(600_000).current();
    }
    line.rollback('prod', '1.0.0');
    assert.equal(line.promotion('1.0.0').station, 'prod');
    assert.equal(line.promotion('1.0.0').kind, undefined, 'the commit is an ordinary one');
    ride(line, '1.0.0');
    assert.equal(line.where('1.0.0'), 'waiting Soaking');
    line.later(600_000).current();
    assert.equal(line.fate('1.0.0'), 'completed');
  });

  it('ends at its Station although more follow', () => {
    const line = aLineOf({ dev: {}, prod: {} });
    for (const tag of ['1.0.0', '1.1.0']) {
      line.later(1).push(tag);
      ride(line, tag);
      ride(line, tag);
    }
    line.later(1).rollback('dev', '1.0.0');
    ride(line, '1.0.0');
    assert.equal(line.fate('1.0.0'), 'completed');
  });
});
