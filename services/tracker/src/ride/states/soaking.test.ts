import assert from 'node:assert/strict';
import { aCommit, aLineOf, ride, seen, turns } from '../line.fixture.js';
import { policy, type TestTrack, types } from '../ride.fixture.js';

const soakMs = 600_000;

/** The observations stay current while the time passes. */
const pass = (line: TestTrack, ms: number) => line.later(ms).current();

describe('a Ticket that soaks', () => {
  it('stays at the Station until the soak is over, and says so', () => {
    const line = aLineOf({ dev: { soakMs }, prod: {} });
    line.push('1.0.0');
    ride(line, '1.0.0');
    const { state } = line.live('1.0.0').ticket;
    const until = new Date(line.now.getTime() + soakMs).toISOString();
    assert.deepEqual(
      [state['on'], state['reason'], state['at'], state['next'], state['until']],
      ['soak', 'Soaking', 'dev', 'prod', until],
    );
    assert.equal(line.last?.wakeAt, line.now.getTime() + soakMs);
    pass(line, soakMs - 1);
    assert.equal(line.where('1.0.0'), 'waiting Soaking');
    assert.equal(line.last?.wakeAt, line.now.getTime() + 1);
    assert.ok(types(pass(line, 1)).includes('soaked'));
    assert.equal(line.promotion('1.0.0').station, 'prod');
  });

  it('holds the block for the whole soak, however fast newer Tickets come', () => {
    const line = aLineOf({ dev: { soakMs } });
    line.push('1.0.0');
    ride(line, '1.0.0');
    for (let minor = 1; minor < 10; minor++) {
      pass(line, 60_000);
      line.push(`1.${minor}.0`);
      assert.equal(line.where('1.0.0'), 'waiting Soaking');
      assert.equal(line.where(`1.${minor}.0`), 'waiting BlockHeld');
    }
    pass(line, 60_000);
    assert.equal(line.fate('1.0.0'), 'completed');
    assert.equal(line.promotion('1.9.0').station, 'dev');
    assert.equal(line.fate('1.8.0'), 'superseded NewerTicket');
  });

  it('completes at the last Station only after the soak', () => {
    const line = aLineOf({ dev: { soakMs } });
    line.push('1.0.0');
    assert.ok(!types(ride(line, '1.0.0')).includes('completed'));
    assert.equal(line.live('1.0.0').ticket.state['next'], undefined);
    assert.deepEqual(types(pass(line, soakMs)), ['soaked', 'completed', 'left']);
  });

  it('fails the Station if an Application stays Degraded for longer than the grace', () => {
    const line = aLineOf({ dev: { soakMs }, prod: {} });
    line.push('1.0.0');
    ride(line, '1.0.0');
    pass(line, 1_000);
    turns(line, 'dev', 'Degraded');
    assert.match(line.message('1.0.0'), /soaks at dev until .*; argocd\/dev: Degraded: crash loop/);
    pass(line, policy.degradedGraceMs - 1);
    assert.equal(line.where('1.0.0'), 'waiting Soaking', 'it may be flapping');
    pass(line, 1);
    assert.equal(line.fate('1.0.0'), 'failed Degraded');
    assert.match(JSON.stringify(line.end('1.0.0')), /during the soak at dev: .*its commit stays/);
  });

  it('waits at the end of the soak while its observations are not current', () => {
    const line = aLineOf({ dev: { soakMs }, prod: {} });
    line.push('1.0.0');
    ride(line, '1.0.0');
    line.later(soakMs).tick();
    assert.equal(line.where('1.0.0'), 'waiting NotCurrent');
    assert.match(line.message('1.0.0'), /^the soak at dev is over: argocd\/dev: argo-watcher last confirmed/);
    line.current();
    assert.equal(line.promotion('1.0.0').station, 'prod');
  });

  it('gives way to a newer Ticket if the Station is not well at the end of the soak', () => {
    const line = aLineOf({ dev: { soakMs } });
    line.push('1.0.0');
    ride(line, '1.0.0');
    line.later(1).push('1.1.0');
    pass(line, soakMs - 2);
    turns(line, 'dev', 'Suspended');
    assert.equal(line.where('1.0.0'), 'waiting Soaking', 'the soak itself is not cut short');
    pass(line, 1);
    assert.equal(line.fate('1.0.0'), 'superseded GaveWay');
    assert.equal(line.promotion('1.1.0').station, 'dev');
  });

  it('ends if a person changes the image', () => {
    const line = aLineOf({ dev: { soakMs, onFailure: 'rollback' }, prod: {} });
    line.push('1.0.0');
    ride(line, '1.0.0');
    const commit = aCommit();
    line.observe(seen(line, 'dev', commit));
    line.answer('1.0.0', 'dev', commit, { relation: 'contains', namesImage: false, named: 'acme/storefront:0.9.0' });
    assert.equal(line.where('1.0.0'), 'waiting Soaking', 'it may be undone');
    assert.equal(line.last?.wakeAt, line.now.getTime() + 15_000);
    line.later(15_000).current();
    assert.equal(line.fate('1.0.0'), 'failed ChangedByOther', 'a person is never rolled back');
  });
});
