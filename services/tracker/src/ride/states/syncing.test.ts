import assert from 'node:assert/strict';
import { aLine, arrive, old } from '../line.fixture.js';
import { anApplication, aTrack, policy, sha, TestTrack, types } from '../ride.fixture.js';

describe('a Ticket whose commits wait for Argo CD', () => {
  it('fails at the deadline with what was missing, counted from the commit', () => {
    const line = aLine();
    line.push('1.0.0');
    line.later(60_000).commit('1.0.0', sha('1'));
    line.answer('1.0.0', 'dev', old, { relation: 'behind' });
    line.later(1_799_999);
    line.current();
    assert.ok(!types(line.tick()).includes('failed'));
    line.later(1);
    assert.deepEqual(types(line.tick()), [], 'it may have arrived since the last heartbeat');
    const [failed] = line.current();
    assert.equal(failed?.type, 'failed');
    assert.match(failed?.type === 'failed' ? failed.message : '', /not arrived at dev by .*argocd\/dev/);
  });

  it('fails no Ticket for what arrived while the tracker was away, or while it cannot ask', () => {
    const line = aLine();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    line.later(7_200_000);
    assert.deepEqual(types(line.tick()), ['waits'], 'the observations are old');
    line.observe(anApplication('dev', sha('1')));
    assert.deepEqual(types(line.current()), [], 'the revision is being asked for');
    line.answer('1.0.0', 'dev', sha('1'), { relation: 'unknown', message: 'the promoter does not answer' });
    assert.equal(line.live('1.0.0').ticket.state.is, 'syncing');
    const arrived = line.answer('1.0.0', 'dev', sha('1'), { relation: 'same', namesImage: true });
    assert.ok(types(arrived).includes('arrived'));
  });

  it('fails a Station when an Application that had arrived breaks while another is on its way', () => {
    const line = new TestTrack(aTrack({ prod: ['eu', 'us'] }));
    line.observe(anApplication('eu', old), anApplication('us', old));
    line.current();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    arrive(line, '1.0.0', ['eu'], sha('1'));
    const broken = { health: { status: 'Degraded', message: 'crash loop' } };
    line.observe(anApplication('eu', sha('1'), { ...broken, observedAt: line.now.toISOString() }));
    assert.equal(line.live('1.0.0').ticket.state.is, 'syncing', 'it may be flapping');
    line.later(policy.degradedGraceMs);
    const [failed] = line.current();
    assert.ok(failed?.type === 'failed' && failed.reason === 'Degraded', JSON.stringify(failed));
  });

  it('lets an Application that has arrived flap while another is on its way', () => {
    const line = new TestTrack(aTrack({ prod: ['eu', 'us'] }));
    line.observe(anApplication('eu', old), anApplication('us', old));
    line.current();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    arrive(line, '1.0.0', ['eu'], sha('1'));
    const selfHeal = { phase: 'Running', startedAt: '2026-03-01T12:00:30Z', revisions: [sha('1')] };
    line.observe(
      anApplication('eu', sha('1'), { sync: { status: 'OutOfSync', revisions: [sha('1')] }, operation: selfHeal }),
    );
    assert.ok(types(arrive(line, '1.0.0', ['us'], sha('1'))).includes('completed'));
  });

  it('asks for a refresh while Argo CD is behind, with growing intervals', () => {
    const line = aLine();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    line.answer('1.0.0', 'dev', old, { relation: 'behind' });
    let asked = 0;
    for (let second = 0; second < 250; second += 5) {
      line.later(5_000);
      asked += [...line.current(), ...line.tick()].filter(({ type }) => type === 'refreshAsked').length;
      if (second === 5) assert.equal(asked, 0);
      if (second === 10) assert.equal(asked, 1);
    }
    assert.equal(asked, 5);
  });

  it('takes the words of Argo CD as one line, bounded and without credentials', () => {
    const line = aLine();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    const health = `back-off\n\u202Epulling https://me:hunter2@registry.test/x ${'x'.repeat(5_000)}`;
    line.observe(anApplication('dev', sha('1'), { health: { status: 'Progressing', message: health } }));
    line.answer('1.0.0', 'dev', sha('1'), { relation: 'same', namesImage: true });
    const message = line.message('1.0.0');
    assert.match(message, /^argocd\/dev: Progressing: back-off pulling https:\/\/registry\.test\/x x+…$/);
    assert.ok(message.length <= 2_000);
  });

  it('decides no arrival on observations older than a minute, and says so', () => {
    const line = aLine();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    line.later(60_001);
    arrive(line, '1.0.0', ['dev'], sha('1'));
    assert.match(line.message('1.0.0'), /2026-03-01T12:00:00/);
    assert.ok(types(line.current()).includes('arrived'));
  });

  it('stops the deadline while a person has to act, and goes on with what was left', () => {
    const line = new TestTrack(aTrack({ dev: ['dev'] }));
    line.observe(anApplication('dev', old));
    line.current();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    const off = { autoSync: false, sync: { status: 'OutOfSync', revisions: [sha('1')] } };
    line.later(60_000).current();
    line.observe(anApplication('dev', sha('1'), off));
    line.answer('1.0.0', 'dev', sha('1'), { relation: 'same', namesImage: true });
    assert.equal(line.reason('1.0.0'), 'AutoSyncOff');
    line.later(5 * 1_800_000);
    assert.deepEqual(types(line.current()), []);
    const resumed = line.observe(anApplication('dev', sha('1'), { health: { status: 'Progressing' } }));
    assert.deepEqual(types(resumed), ['observed', 'deadlineResumed', 'refreshAsked', 'waits']);
    const { state } = line.live('1.0.0').ticket;
    assert.equal(state.is === 'syncing' && Date.parse(state.deadline) - line.now.getTime(), 1_800_000 - 60_000);
    line.later(1_800_000 - 60_000);
    assert.ok(types(line.current()).includes('failed'));
  });

  it('fails for its age although the deadline does not run, with what a person had to do', () => {
    const line = new TestTrack(aTrack({ dev: ['dev'] }));
    line.observe(anApplication('dev', old));
    line.current();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    line.observe(anApplication('dev', sha('1'), { health: { status: 'Suspended' } }));
    line.answer('1.0.0', 'dev', sha('1'), { relation: 'same', namesImage: true });
    line.later(policy.maxAgeMs - 1).current();
    assert.equal(line.reason('1.0.0'), 'Suspended');
    const [failed] = line.later(1).current();
    assert.ok(failed?.type === 'failed' && failed.reason === 'MaxAge', JSON.stringify(failed));
    assert.match(failed.message, /longer than K8STA_TICKET_MAX_AGE_MS allows; last: argocd\/dev: Suspended; /);
  });
});
