import assert from 'node:assert/strict';
import { promotionWanted } from '@k8sta/contracts';
import { answerWanted } from './handle.js';
import { aLineOf } from './ride/line.fixture.js';
import type { TestTrack } from './ride/ride.fixture.js';

/** What the tracker answers the promoter about the first Ticket. */
async function wanted(line: TestTrack, ticket: string, promotion: string) {
  const answer = answerWanted({ track: async () => line.track, state: async () => line.state });
  return promotionWanted.reply.parse(await answer({ track: 'storefront', ticket, promotion, part: 0 }));
}

describe('whether a promotion is still wanted', () => {
  const proposed = () => {
    const line = aLineOf({ dev: { write: { pullRequest: { merge: 'byPeople' } } } });
    line.push('1.0.0');
    line.propose('1.0.0');
    return { line, ticket: line.id('1.0.0'), promotion: line.promotion('1.0.0').id };
  };

  it('is answered with the issue of the last request, so that the promoter drops an earlier one', async () => {
    const { line, ticket, promotion } = proposed();
    assert.deepEqual(await wanted(line, ticket, promotion), { wanted: true, issue: 0 });
    line.take({ type: 'streamsLost' });
    assert.deepEqual(await wanted(line, ticket, promotion), { wanted: true, issue: 1 });
  });

  it('names the Ticket that goes on in its place', async () => {
    const { line, ticket, promotion } = proposed();
    line.later(1).push('1.1.0');
    const { wanted: isWanted, message, issue } = await wanted(line, ticket, promotion);
    assert.deepEqual([isWanted, issue], [false, 1]);
    assert.match(message ?? '', new RegExp(`^Ticket ${line.id('1.1.0')} \\(1\\.1\\.0\\) is newer and goes on`));
  });

  it('names who cancelled it and why, and says that a Ticket has ended', async () => {
    const { line, ticket, promotion } = proposed();
    line.cancel('1.0.0');
    assert.equal((await wanted(line, ticket, promotion)).message, 'alice cancelled it: not today');
    line.refuse('1.0.0', 'Withdrawn', 'closed');
    assert.deepEqual(await wanted(line, ticket, promotion), {
      wanted: false,
      message: `Ticket ${ticket} is no longer on the Track`,
    });
  });
});
