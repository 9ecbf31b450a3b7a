import assert from 'node:assert/strict';
import type { Track } from '@k8sta/tracks';
import { aLineOf, old, ride, seen, withStations } from '../line.fixture.js';
import { anApplication, type TestTrack, types } from '../ride.fixture.js';

const gates = { approval: { count: 1 } };

const change = (line: TestTrack, track: Track): string[] => {
  line.track = track;
  for (const { name } of track.stations) line.observe(anApplication(name, old));
  return types(line.current());
};

describe('a Ticket on a Track that changes', () => {
  it('enters a Station that is inserted before the one it waits for', () => {
    const line = aLineOf({ dev: {}, prod: { gates } });
    line.push('1.0.0');
    ride(line, '1.0.0');
    const track = withStations({ dev: {}, stage: {}, prod: { gates } });
    line.track = track;
    line.observe(anApplication('stage', old));
    assert.equal(line.promotion('1.0.0').station, 'stage');
    ride(line, '1.0.0');
    assert.equal(line.where('1.0.0'), 'waiting ApprovalMissing');
  });

  it('enters a Station that is inserted before the first one', () => {
    const line = aLineOf({ dev: { gates } });
    line.push('1.0.0');
    assert.equal(line.live('1.0.0').ticket.state['next'], 'dev');
    change(line, withStations({ test: {}, dev: { gates } }));
    assert.equal(line.promotion('1.0.0').station, 'test');
  });

  it('enters the Station after one that is removed', () => {
    const line = aLineOf({ dev: {}, stage: { gates }, prod: {} });
    line.push('1.0.0');
    ride(line, '1.0.0');
    line.track = withStations({ dev: {}, prod: {} });
    line.observe(seen(line, 'prod', old));
    assert.equal(line.promotion('1.0.0').station, 'prod');
  });

  it('is completed if the Stations that it had before it are removed', () => {
    const line = aLineOf({ dev: {}, prod: { gates } });
    line.push('1.0.0');
    ride(line, '1.0.0');
    line.track = withStations({ dev: {} });
    assert.deepEqual(types(line.tick()), ['completed', 'left']);
  });

  it('goes on to the Station that came next if the one where it is was renamed', () => {
    const line = aLineOf({ dev: {}, prod: { gates } });
    line.push('1.0.0');
    ride(line, '1.0.0');
    line.track = withStations({ test: {}, prod: { gates } });
    line.tick();
    assert.equal(line.where('1.0.0'), 'waiting ApprovalMissing');
  });

  it('fails with the reason if that one was renamed too', () => {
    const line = aLineOf({ dev: {}, prod: { gates } });
    line.push('1.0.0');
    ride(line, '1.0.0');
    line.track = withStations({ test: {}, live: { gates } });
    line.tick();
    assert.equal(line.fate('1.0.0'), 'failed StationGone');
    assert.match(JSON.stringify(line.end('1.0.0')), /no longer has a Station \\"prod\\" on the Track storefront/);
  });

  it('fails with the reason if the whole Track is gone, wherever it is', () => {
    for (const until of [0, 1, 2]) {
      const line = aLineOf({ dev: until === 0 ? { gates } : {}, prod: { gates } });
      line.push('1.0.0');
      if (until === 1) line.commit('1.0.0', 'c'.repeat(40));
      if (until === 2) ride(line, '1.0.0');
      line.track = { ...line.track, stations: [] };
      line.tick();
      assert.equal(line.fate('1.0.0'), 'failed TrackGone');
    }
  });

  it('fails if its Station is removed while Argo CD deploys, and says which commit stays', () => {
    const line = aLineOf({ dev: { onFailure: 'rollback' }, prod: {} });
    line.push('1.0.0');
    line.commit('1.0.0', 'c'.repeat(40));
    line.track = withStations({ prod: {} });
    line.tick();
    assert.equal(line.fate('1.0.0'), 'failed StationGone');
    assert.match(JSON.stringify(line.end('1.0.0')), /its commit stays: cccccccc/);
  });

  it('enters a Station that is inserted behind the last one while it soaks there', () => {
    const line = aLineOf({ dev: { soakMs: 600_000 } });
    line.push('1.0.0');
    ride(line, '1.0.0');
    line.track = withStations({ dev: { soakMs: 600_000 }, prod: {} });
    line.observe(anApplication('prod', old));
    line.later(600_000).current();
    assert.equal(line.promotion('1.0.0').station, 'prod');
  });

  it('completes after its soak if the next Station was removed meanwhile', () => {
    const line = aLineOf({ dev: { soakMs: 600_000 }, prod: {} });
    line.push('1.0.0');
    ride(line, '1.0.0');
    line.track = withStations({ dev: { soakMs: 600_000 } });
    line.later(600_000).current();
    assert.equal(line.fate('1.0.0'), 'completed');
  });
});
