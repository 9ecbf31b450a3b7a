import assert from 'node:assert/strict';
import { membersOf } from '@k8sta/applications';
import type { Station } from '@k8sta/tracks';
import { anApplication, aTrack, sha, TestTrack, types } from './ride.fixture.js';

const labels = (env: string) => ({ labels: { env, app: 'storefront', team: 'web' } });

describe('a Station that selects its Applications by labels', () => {
  const [named] = aTrack({ prod: [] }).stations as [Station];
  const station: Station = { ...named, matchLabels: { app: 'storefront', env: 'prod' } };
  const aLine = () => new TestTrack({ ...aTrack({ prod: [] }), stations: [station] });
  const members = ({ state }: TestTrack) => membersOf(state.observations, station).map(({ name }) => name);

  it('has the Applications that have all of them, as they come and go', () => {
    const line = aLine();
    line.observe(anApplication('us', sha('0'), labels('prod')), anApplication('eu', sha('0'), labels('prod')));
    assert.deepEqual(line.observe(anApplication('dev', sha('0'), labels('dev'))), [], 'of no concern to the Track');
    assert.deepEqual(line.observe(anApplication('none', sha('0'))), []);
    assert.deepEqual(members(line), ['eu', 'us']);
    line.observe(anApplication('us', sha('0'), labels('dev')));
    assert.deepEqual(members(line), ['eu']);
    line.take({ type: 'gone', data: anApplication('eu', sha('0')) });
    assert.deepEqual(members(line), []);
  });

  it('is promoted with all of them, in an order that does not depend on the order of observation', () => {
    const line = aLine();
    line.push('1.0.0');
    assert.match(line.message('1.0.0'), /no Application carries the labels app=storefront, env=/);
    line.observe(anApplication('us', sha('0'), labels('prod')));
    assert.deepEqual(
      line.live('1.0.0').promotion?.parts[0]?.request.applications.map(({ name }) => name),
      ['us'],
    );
  });

  it('keeps an Application that is in flight when its label is removed', () => {
    const line = aLine();
    line.observe(anApplication('us', sha('0'), labels('prod')));
    line.current();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    line.observe(anApplication('us', sha('1')));
    assert.ok(
      types(line.answer('1.0.0', 'us', sha('1'), { relation: 'same', namesImage: true })).includes('completed'),
    );
  });

  it('continues with the rest if a selected Application is deleted after the commit, and reports it', () => {
    const line = aLine();
    line.observe(anApplication('us', sha('0'), labels('prod')), anApplication('eu', sha('0'), labels('prod')));
    line.current();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    const left = line.take({ type: 'gone', data: anApplication('eu', sha('0')) });
    assert.ok(left.some((event) => event.type === 'applicationLeft' && event.application === 'argocd/eu'));
    line.observe(anApplication('us', sha('1'), labels('prod')));
    const arrived = line.answer('1.0.0', 'us', sha('1'), { relation: 'same', namesImage: true });
    assert.ok(types(arrived).includes('completed'));
  });

  /** 1.0.0 has arrived at us and eu, and soaks or waits for an approval there. */
  function arrivedAtBoth(change: Partial<Station>, ...others: Station[]): TestTrack {
    const line = new TestTrack({ ...aTrack({ prod: [] }), stations: [{ ...station, ...change }, ...others] });
    const at = (revision: string) => ['us', 'eu'].map((name) => anApplication(name, revision, labels('prod')));
    line.observe(...at(sha('0')), ...others.map(({ name }) => anApplication(name, sha('0'))));
    line.current();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    line.observe(...at(sha('1')));
    for (const name of ['us', 'eu']) line.answer('1.0.0', name, sha('1'), { relation: 'same', namesImage: true });
    return line;
  }

  it('soaks on with the rest if a selected Application is deleted', () => {
    const line = arrivedAtBoth({ soakMs: 60_000 });
    assert.equal(line.reason('1.0.0'), 'Soaking');
    line.take({ type: 'gone', data: anApplication('eu', sha('1')) });
    assert.ok(types(line.later(60_000).current()).includes('completed'));
  });

  it('can be left while one of its Applications is left', () => {
    const [next] = aTrack({ next: ['next'] }).stations as [Station];
    const line = arrivedAtBoth({}, { ...next, gates: { ...next.gates, approval: { count: 1 } } });
    assert.equal(line.reason('1.0.0'), 'ApprovalMissing');
    line.take({ type: 'gone', data: anApplication('eu', sha('1')) });
    assert.equal(line.reason('1.0.0'), 'ApprovalMissing');
    line.take({ type: 'gone', data: anApplication('us', sha('1')) });
    assert.equal(line.reason('1.0.0'), 'ApplicationGone', 'its image runs nowhere');
  });

  it('waits with a reason if none of them is left', () => {
    const line = aLine();
    line.observe(anApplication('us', sha('0'), labels('prod')));
    line.current();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    line.take({ type: 'gone', data: anApplication('us', sha('0')) });
    assert.equal(line.reason('1.0.0'), 'NobodyLeft');
    assert.match(line.message('1.0.0'), /argocd\/us: the Application was deleted after our commit/);
    line.observe(anApplication('us', sha('1'), { ...labels('prod'), uid: 'made-again' }));
    assert.equal(line.reason('1.0.0'), 'NobodyLeft', 'a new one says nothing about our commit');
  });
});
