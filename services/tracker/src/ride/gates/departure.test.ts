import assert from 'node:assert/strict';
import { aCommit, aLineOf, missDeadline, ride, seen, turns, twoParts } from '../line.fixture.js';
import { idOf, type TestTrack } from '../ride.fixture.js';

/** 1.0.0 waits at dev for an approval; 1.1.0 has been pushed and enters dev. */
function aTicketBehindAGate(change = {}): TestTrack {
  const line = aLineOf({ dev: change, prod: { gates: { approval: { count: 1 } } } });
  line.push('1.0.0');
  ride(line, '1.0.0');
  line.later(1).push('1.1.0');
  return line;
}

describe('a Ticket that leaves a Station while a newer one enters it', () => {
  it('waits if the branch names the newer image before the promoter has reported the commit', () => {
    const line = aTicketBehindAGate();
    line.tip = {
      ...{ relation: 'contains', namesImage: false, named: 'acme/storefront:1.1.0' },
      changedBy: { commit: aCommit(), author: 'K8sTA', ours: true },
    };
    line.later(60_000).current();
    line.approve('1.0.0', 'prod');
    assert.equal(line.where('1.0.0'), 'waiting ReplacedHere');
    assert.match(line.message('1.0.0'), /Ticket .* \(docker.io\/acme\/storefront:1.1.0\) changes the image there/);
  });

  it('waits if Argo CD has deployed the newer image before the promoter has reported the commit', () => {
    const line = aTicketBehindAGate();
    const commit = aCommit();
    line.observe(seen(line, 'dev', commit));
    line.answer('1.0.0', 'dev', commit, { relation: 'contains', namesImage: false });
    assert.equal(line.where('1.0.0'), 'waiting ReplacedHere');
    line.commit('1.1.0', commit);
    assert.match(line.message('1.0.0'), new RegExp(`Ticket ${idOf('1.1.0')} has committed 1.1.0 there since`));
  });

  it('is replaced by a part of the newer promotion that is committed while another is not', () => {
    const line = aLineOf({ dev: twoParts, prod: { gates: { approval: { count: 1 } } } });
    line.push('1.0.0');
    ride(line, '1.0.0');
    assert.equal(line.where('1.0.0'), 'waiting ApprovalMissing');
    line.later(1).push('1.1.0');
    line.commit('1.1.0', aCommit(), 0);
    assert.equal(line.where('1.0.0'), 'waiting ReplacedHere');
    line.refuse('1.1.0', 'RefRefused', 'protected', 1);
    assert.equal(line.fate('1.1.0'), 'failed PromotionFailed');
    assert.equal(line.where('1.0.0'), 'waiting ReplacedHere', 'the files still name 1.1.0');
  });

  it('goes on after the newer one was rolled back to it', () => {
    const line = aTicketBehindAGate({ onFailure: 'rollback' });
    line.commit('1.1.0', aCommit());
    assert.equal(line.where('1.0.0'), 'waiting ReplacedHere');
    missDeadline(line, '1.1.0');
    assert.equal(line.live('1.1.0').ticket.state.is, 'rollingBack');
    const back = aCommit();
    line.commit('1.1.0', back);
    line.observe(seen(line, 'dev', back));
    line.answer('1.1.0', 'dev', back, { relation: 'same', namesImage: true });
    line.answer('1.0.0', 'dev', back, { relation: 'contains', namesImage: true });
    assert.equal(line.fate('1.1.0'), 'failed RolledBack');
    assert.equal(line.where('1.0.0'), 'waiting ApprovalMissing');
    line.approve('1.0.0', 'prod');
    assert.equal(line.promotion('1.0.0').station, 'prod');
  });

  it('is replaced by the same tag with another digest', () => {
    const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
    const line = aLineOf({ dev: {}, prod: { gates: { approval: { count: 1 } } } });
    line.push('1.0.0', { digest: digest('a') });
    const first = line.id('1.0.0');
    ride(line, '1.0.0');
    line.later(1).push('1.0.0', { digest: digest('b'), sequence: 2 });
    line.commit('1.0.0', aCommit());
    assert.equal(line.state.tickets[first]?.ticket.state['reason'], 'ReplacedHere');
  });

  it('does not leave a Station that is no longer healthy, and says since when', () => {
    const line = aLineOf({ dev: {}, prod: { gates: { approval: { count: 1 } } } });
    line.push('1.0.0');
    ride(line, '1.0.0');
    line.later(1_000);
    turns(line, 'dev', 'Degraded');
    assert.equal(line.where('1.0.0'), 'waiting Degraded');
    const since = line.now.toISOString();
    line.later(1_000);
    turns(line, 'dev', 'Degraded', { health: { status: 'Degraded', message: 'crash loop, 2 restarts' } });
    assert.match(line.message('1.0.0'), /2 restarts/);
    assert.equal(line.live('1.0.0').ticket.state['since'], since, 'it is the same wait');
  });
});
