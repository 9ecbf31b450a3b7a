import assert from 'node:assert/strict';
import { aLine, arrive } from './line.fixture.js';
import { anApplication, policy, sha, types } from './ride.fixture.js';

describe('a Ticket that could leave its Station', () => {
  it('does not leave a Station that is no longer healthy', () => {
    const line = aLine();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    // stage is held by an earlier Ticket of another time: pretend by pushing a second one behind the first.
    arrive(line, '1.0.0', ['dev'], sha('1'));
    line.later(1).push('1.1.0');
    line.commit('1.1.0', sha('2'));
    arrive(line, '1.1.0', ['dev'], sha('2'));
    assert.match(line.message('1.1.0'), /holds stage$/);
    line.observe(anApplication('dev', sha('2'), { health: { status: 'Degraded', message: 'crash loop' } }));
    line.commit('1.0.0', sha('3'));
    arrive(line, '1.0.0', ['stage-eu', 'stage-us'], sha('3'));
    assert.match(line.message('1.1.0'), /cannot leave dev: argocd\/dev: Degraded: crash loop/);
    assert.ok(types(line.observe(anApplication('dev', sha('2')))).includes('promotes'));
  });

  it('fails a Ticket whose image the tip of the branch no longer names, although Argo CD has not looked', () => {
    const line = aLine();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    line.tip = { relation: 'contains', namesImage: false, named: 'acme/storefront:0.9.0' };
    const events = arrive(line, '1.0.0', ['dev'], sha('1'));
    const failed = events.find(({ type }) => type === 'failed');
    assert.ok(failed?.type === 'failed' && failed.reason === 'ChangedByOther', JSON.stringify(events));
    assert.match(
      failed.message,
      /the tip of the branch \(ffffffff\) no longer name our image: they name acme\/storefront:0/,
    );
    assert.ok(!types(events).includes('promotes'));
  });

  it('asks for the tip again until the promoter can answer, and says so meanwhile', () => {
    const line = aLine();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    line.tip = { relation: 'unknown', message: 'the Git server answered 503' };
    arrive(line, '1.0.0', ['dev'], sha('1'));
    assert.equal(line.reason('1.0.0'), 'RelationUnknown');
    assert.match(line.message('1.0.0'), /still names our image: the Git server answered 503/);
    assert.equal(line.last?.wakeAt, line.now.getTime() + policy.askAgainMs);
    line.tip = { relation: 'contains', namesImage: true };
    line.later(policy.askAgainMs - 1);
    assert.deepEqual(types(line.tick()), []);
    assert.ok(types(line.later(1).tick()).includes('promotes'));
  });
});
