import assert from 'node:assert/strict';
import { aLine, arrive } from './line.fixture.js';
import { anApplication, idOf, policy, sha, started, types } from './ride.fixture.js';

describe('a newer Ticket of the lane', () => {
  it('lets the newest of several waiting Tickets continue, and names it to the others', () => {
    const line = aLine();
    line.push('1.0.0');
    line.later(1000).push('1.1.0');
    assert.match(line.message('1.1.0'), /^Ticket .* \(docker.io\/acme\/storefront:1.0.0\) holds dev$/);
    const events = line.later(1000).push('1.2.0');
    assert.deepEqual(types(events), ['opened', 'superseded', 'left', 'waits']);
    line.commit('1.0.0', sha('1'));
    assert.deepEqual(types(arrive(line, '1.0.0', ['dev'], sha('1'))).slice(-3), ['arrived', 'promotes', 'promotes']);
    assert.equal(line.live('1.2.0').promotion?.station, 'dev');
  });

  it('opens a push that comes late as superseded', () => {
    const line = aLine();
    line.push('1.1.0');
    const events = line.push('1.0.0', { pushedAt: new Date(started.getTime() - 60_000) });
    assert.deepEqual(types(events), ['opened', 'superseded', 'left']);
  });

  it('orders pushes of the same second by their place in the stream', () => {
    const line = aLine();
    line.push('1.1.0', { sequence: 8 });
    assert.deepEqual(types(line.push('1.0.0', { sequence: 7 })), ['opened', 'superseded', 'left']);
  });

  it('gives way to a newer Ticket that arrives at the Station where it waits', () => {
    const line = aLine();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    arrive(line, '1.0.0', ['dev'], sha('1'));
    line.later(1).push('1.1.0');
    line.commit('1.1.0', sha('2'));
    arrive(line, '1.1.0', ['dev'], sha('2'));
    assert.equal(line.live('1.1.0').ticket.state.is, 'waiting', 'stage is held');
    line.later(1).push('1.2.0');
    line.commit('1.2.0', sha('3'));
    assert.equal(line.reason('1.1.0'), 'ReplacedHere');
    const superseded = arrive(line, '1.2.0', ['dev'], sha('3')).find(({ type }) => type === 'superseded');
    assert.ok(superseded?.type === 'superseded' && superseded.by === idOf('1.2.0'), JSON.stringify(superseded));
    assert.equal(superseded.ticket, idOf('1.1.0'));
  });

  describe('when a newer Ticket waits for the Station', () => {
    const seenAs = (health: string) => {
      const line = aLine();
      line.push('1.0.0');
      line.commit('1.0.0', sha('1'));
      const observedAt = line.now.toISOString();
      line.observe(anApplication('dev', sha('1'), { health: { status: health }, observedAt }));
      line.answer('1.0.0', 'dev', sha('1'), { relation: 'same', namesImage: true });
      return line;
    };

    it('gives way at once while an Application is in trouble', () => {
      const line = seenAs('Degraded');
      const events = line.later(1_000).push('1.1.0');
      const superseded = events.find(({ type }) => type === 'superseded');
      assert.ok(superseded?.type === 'superseded' && superseded.ticket === idOf('1.0.0'), JSON.stringify(events));
      assert.match(superseded.message, /goes on in its place: argocd\/dev: Degraded/);
      assert.equal(line.promotion('1.1.0').station, 'dev');
    });

    it('gives way at once while a person has to act', () => {
      const line = seenAs('Suspended');
      assert.ok(types(line.later(1_000).push('1.1.0')).includes('superseded'));
    });

    it('gives way when nothing has changed for as long as its patience lasts', () => {
      const line = seenAs('Progressing');
      assert.ok(!types(line.later(1_000).push('1.1.0')).includes('superseded'));
      line.later(policy.patienceMs - 1_001);
      assert.ok(!types(line.current()).includes('superseded'));
      assert.equal(line.last?.wakeAt, line.now.getTime() + 1);
      assert.ok(types(line.later(1).current()).includes('superseded'));
    });
  });
});
