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
