import assert from 'node:assert/strict';
import type { Ticket } from '@k8sta/contracts';
import { checkedTicket, checkedTracks, ticketIn } from './check.fixture.js';
import { findCheck, judgeTicket } from './judge-report.js';

const report = { track: 'storefront', ticket: checkedTicket, station: 'prod', name: 'smoke' };

describe('the report of a check', () => {
  it('must name a Track, a Station and a check of the tracks files', () => {
    const fault = (change: object) => {
      const found = findCheck(checkedTracks, { ...report, ...change });
      return 'outcome' in found ? [found.outcome, found.reason, found.message] : found;
    };
    assert.deepEqual(fault({ track: 'storefronts' }), [
      ...['checkUnknown', 'TrackUnknown'],
      'no tracks file has a Track "storefronts"; did you mean "storefront"?',
    ]);
    assert.deepEqual(fault({ station: 'production' }), [
      ...['checkUnknown', 'StationUnknown'],
      'the Track storefront has no Station "production"; it has dev, stage, prod',
    ]);
    assert.deepEqual(fault({ name: 'load' }), [
      ...['checkUnknown', 'CheckUnknown'],
      'the Station prod of the Track storefront has no check "load"; it has smoke',
    ]);
    assert.deepEqual(fault({ station: 'stage' }), [
      ...['checkUnknown', 'CheckUnknown'],
      'the Station stage of the Track storefront has no check "smoke"; it has none',
    ]);
  });

  const judge = (ticket: Ticket | undefined) => {
    const check = findCheck(checkedTracks, report);
    assert.ok(!('outcome' in check));
    return judgeTicket(check, report, ticket)?.reason;
  };
  const syncing = { is: 'syncing', promotion: 'x', deadline: '', reason: 'Syncing', message: '' } as const;

  it('is wanted once the Ticket has arrived where it is checked, and until it enters the Station', () => {
    assert.equal(judge(ticketIn({ ...syncing, station: 'stage' } as never, ['dev'])), 'CheckNotRequested');
    assert.equal(judge(ticketIn()), undefined);
    assert.equal(judge(ticketIn({ ...syncing, station: 'prod' } as never)), 'AlreadyArrived');
  });

  it('is wanted where a Ticket starts in front of the Station, without an arrival before', () => {
    assert.equal(judge(ticketIn({}, [])), undefined);
  });

  it('needs a Ticket that is on its way', () => {
    assert.equal(judge(undefined), 'TicketUnknown');
    assert.equal(judge(ticketIn({ is: 'completed' })), 'TicketOver');
    assert.equal(judge(ticketIn({ is: 'cancelled', by: 'alice', message: '' } as never)), 'TicketOver');
  });
});
