import assert from 'node:assert/strict';
import type { TrackEvent } from './event.js';
import { aLine, arrive, old } from './line.fixture.js';
import { anApplication, aTrack, policy, sha, started, TestTrack, types } from './ride.fixture.js';

describe('decide', () => {
  it('rides dev, stage, prod, and requests each commit only after the Station before has arrived', () => {
    const line = aLine();
    assert.deepEqual(types(line.push('1.0.0')), ['opened', 'promotes']);
    assert.deepEqual(types(line.commit('1.0.0', sha('1'))), ['partCommitted', 'syncs']);
    assert.deepEqual(types(arrive(line, '1.0.0', ['dev'], sha('1'))).slice(-2), ['arrived', 'promotes']);
    assert.equal(line.live('1.0.0').promotion?.station, 'stage');
    line.commit('1.0.0', sha('2'));
    assert.ok(!types(arrive(line, '1.0.0', ['stage-eu'], sha('2'))).includes('arrived'));
    assert.deepEqual(types(arrive(line, '1.0.0', ['stage-us'], sha('2'))).slice(-2), ['arrived', 'promotes']);
    line.commit('1.0.0', sha('3'));
    assert.deepEqual(types(arrive(line, '1.0.0', ['prod'], sha('3'))).slice(-3), ['arrived', 'completed', 'left']);
    assert.deepEqual(line.state.tickets, {});
  });

  it('requests one commit for each repository and branch, however the address is spelled', () => {
    const line = new TestTrack(aTrack({ stage: ['a', 'b', 'c', 'd'], prod: ['prod'] }));
    const at = (repo: string, targetRevision: string, path: string) => ({
      sources: [{ repository: repo, targetRevision, path }],
    });
    line.observe(
      anApplication('a', old, at('https://git.test/acme/deploy.git', 'main', 'a')),
      anApplication('b', old, at('git@git.test:acme/Deploy', 'refs/heads/main', 'b')),
      anApplication('c', old, at('https://git.test/acme/deploy', 'release', 'c')),
      anApplication('d', old, at('https://git.test/acme/other', 'HEAD', 'd')),
      anApplication('prod', old, at('https://git.test/acme/deploy', 'HEAD', 'prod')),
    );
    const [, promotes] = line.push('1.0.0');
    assert.equal(promotes?.type, 'promotes');
    const requests = promotes?.type === 'promotes' ? promotes.requests : [];
    assert.deepEqual(
      requests.map(({ branch, applications }) => [branch, applications.map(({ name }) => name)]),
      [
        ['refs/heads/main', ['a', 'b']],
        ['refs/heads/release', ['c']],
        [undefined, ['d']],
      ],
    );
    // prod follows HEAD, which may be any branch of its repository.
    assert.deepEqual(
      requests.map(({ protectedSources }) => protectedSources.map(({ name }) => name)),
      [['prod'], ['prod'], []],
    );
  });

  it('takes every input again without effect', () => {
    const line = aLine();
    line.push('1.0.0');
    assert.deepEqual(line.push('1.0.0'), []);
    line.commit('1.0.0', sha('1'));
    assert.deepEqual(line.commit('1.0.0', sha('1')), []);
    const seen = anApplication('dev', sha('1'));
    line.observe(seen);
    assert.deepEqual(line.observe(seen), []);
    assert.deepEqual(line.observe(anApplication('dev', old, { resourceVersion: '99' })), []);
  });

  it('arrives when Argo CD is observed at the commit before the promoter reports it', () => {
    const line = aLine();
    line.push('1.0.0');
    line.observe(anApplication('dev', sha('1')));
    assert.deepEqual(types(line.commit('1.0.0', sha('1'))), ['partCommitted', 'syncs']);
    const events = line.answer('1.0.0', 'dev', sha('1'), { relation: 'same', namesImage: true });
    assert.deepEqual(types(events), ['applicationArrived', 'arrived', 'promotes']);
  });

  it('ignores a second watcher that lags behind', () => {
    const line = aLine();
    const lagging = anApplication('dev', old, { health: { status: 'Degraded' } });
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    arrive(line, '1.0.0', ['dev'], sha('1'));
    assert.deepEqual(line.observe(lagging), []);
    assert.equal(line.live('1.0.0').promotion?.station, 'stage');
  });

  it('issues unanswered requests again under another id when the streams were wiped', () => {
    const line = aLine();
    line.push('1.0.0');
    const [reissued] = line.take({ type: 'streamsLost' });
    assert.deepEqual(reissued?.type === 'reissued' && reissued.requests.map(({ issue }) => issue), [1]);
    line.commit('1.0.0', sha('1'));
    assert.deepEqual(line.take({ type: 'streamsLost' }), []);
  });

  it('says what an Application lacks, and continues once it is observed', () => {
    const line = new TestTrack(aTrack({ dev: ['dev'] }));
    line.push('1.0.0');
    const { state } = line.live('1.0.0').ticket;
    assert.equal(state.is, 'waiting');
    assert.match(String(state['message']), /argocd\/dev: argo-watcher has not seen this Application/);
    assert.deepEqual(types(line.observe(anApplication('dev', old))), ['observed', 'promotes']);
  });

  for (const [targetRevision, why] of [
    ['a1b2c3d4e5f6', /is a commit/],
    ['refs/tags/v1', /is a tag/],
    ['>=1.0', /is a range of versions/],
  ] as const) {
    it(`holds before an Application that follows ${targetRevision}`, () => {
      const line = new TestTrack(aTrack({ dev: ['dev'] }));
      line.observe(
        anApplication('dev', old, { sources: [{ repository: 'https://git.test/a/b', targetRevision, path: 'a' }] }),
      );
      line.push('1.0.0');
      assert.match(line.message('1.0.0'), why);
    });
  }

  it('fails a Ticket for its age when its Applications are never observed again', () => {
    const line = aLine();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    line.later(policy.maxAgeMs - 1);
    assert.ok(!types(line.tick()).includes('failed'));
    assert.equal(line.last?.wakeAt, line.now.getTime() + 1);
    assert.ok(types(line.later(1).tick()).includes('failed'));
  });

  it('commits nothing while it is unknown which files another Station reads', () => {
    const line = new TestTrack(aTrack({ dev: ['dev'], prod: ['prod'] }));
    line.observe(anApplication('dev', old));
    line.current();
    line.push('1.0.0');
    assert.match(line.message('1.0.0'), /argocd\/prod: argo-watcher has not seen .* prod reads/);
    line.observe(anApplication('prod', old, { sources: [] }));
    assert.match(line.message('1.0.0'), /argocd\/prod: it shows no source; .* prod reads/);
    const source = { repository: 'https://git.test/acme/deploy.git', targetRevision: 'main' };
    const sources = ['a', 'b'].map((path) => ({ ...source, path, type: 'Kustomize' }));
    line.observe(anApplication('prod', old, { sources }));
    const [request] = line.live('1.0.0').promotion?.parts.map(({ request }) => request) ?? [];
    assert.deepEqual(
      request?.protectedSources.map(({ source }) => source.path),
      ['a', 'b'],
      'each of them may be read there',
    );
  });

  it('knows that an Application is gone by resourceVersion, in any order of arrival', () => {
    const line = aLine();
    const gone = (resourceVersion: string): TrackEvent[] => {
      const at = { instance: 'default', namespace: 'argocd', name: 'dev', uid: 'uid-dev' };
      return line.take({ type: 'gone', data: { ...at, resourceVersion, observedAt: started.toISOString() } });
    };
    const seen = (resourceVersion: string) => line.observe(anApplication('dev', old, { resourceVersion }));
    const isGone = () => line.state.observations['argocd/dev']?.gone;
    seen('5000');
    gone('4999');
    assert.equal(isGone(), false, 'it was seen after that');
    gone('5002');
    seen('5001');
    assert.equal(isGone(), true, 'it was seen before that');
    seen('5003');
    assert.equal(isGone(), false, 'watched again');
  });

  it('fails a Ticket that is open for too long', () => {
    const line = new TestTrack(aTrack({ dev: ['dev'] }));
    line.push('1.0.0');
    assert.deepEqual(types(line.later(14 * 86_400_000 + 1).tick()), ['failed', 'left']);
  });
});
