import assert from 'node:assert/strict';
import type { TrackEvent } from './event.js';
import { anApplication, aTrack, idOf, policy, sha, started, TestTrack, types } from './ride.fixture.js';

const old = sha('0');

/** A Track of three Stations, the middle one with two Applications, whose Applications have all been seen. */
function aLine(): TestTrack {
  const line = new TestTrack(aTrack({ dev: ['dev'], stage: ['stage-eu', 'stage-us'], prod: ['prod'] }));
  line.observe(...['dev', 'stage-eu', 'stage-us', 'prod'].map((name) => anApplication(name, old)));
  line.current();
  return line;
}

/** Argo CD has synced the commit and the promoter says that it has. */
function arrive(line: TestTrack, tag: string, applications: string[], commit: string) {
  return applications.flatMap((name) => [
    ...line.observe(anApplication(name, commit)),
    ...line.answer(tag, name, commit, { relation: 'same', namesImage: true }),
  ]);
}

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

  it('fails the Ticket with the promoter’s words, and frees the Station', () => {
    const line = aLine();
    line.push('1.0.0');
    line.later(1).push('1.1.0');
    const { promotion } = line.live('1.0.0');
    const events = line.take({
      type: 'failed',
      data: {
        promotion: promotion?.id ?? '',
        part: 0,
        ticket: idOf('1.0.0'),
        track: 'storefront',
        station: 'dev',
        reason: 'RefRefused',
        message: 'protected branch',
        failedAt: started.toISOString(),
      },
    });
    assert.deepEqual(types(events), ['partFailed', 'failed', 'left', 'promotes']);
    const [, failed] = events;
    assert.equal(
      failed?.type === 'failed' && failed.message,
      'RefRefused: https://git.test/acme/deploy.git: protected branch',
    );
  });

  describe('while the promoter cannot commit', () => {
    const delay = (line: TestTrack, part: number, message: string) => {
      const request = line.promotion('1.0.0').parts[part]?.request;
      if (!request) throw new Error(`there is no part ${part}`);
      const { promotion, ticket, track, station } = request;
      const retryAt = line.now.toISOString();
      return line.take({
        type: 'delayed',
        data: { promotion, part, ticket, track, station, message, attempt: 1, retryAt },
      });
    };
    const reasonOf = (line: TestTrack) => line.message('1.0.0');
    const aLineOfTwoParts = () => {
      const line = new TestTrack(aTrack({ dev: ['a', 'b'] }));
      const source = (path: string) => [{ repository: `https://git.test/${path}`, targetRevision: 'main', path }];
      line.observe(
        anApplication('a', old, { sources: source('x/a') }),
        anApplication('b', old, { sources: source('x/b') }),
      );
      line.push('1.0.0');
      return line;
    };

    it('says what is in the way and until when it is tried, and takes a repeat without effect', () => {
      const line = aLine();
      line.push('1.0.0');
      assert.deepEqual(types(delay(line, 0, 'git.test/acme/deploy: 403')), ['partDelayed', 'waits']);
      assert.equal(
        reasonOf(line),
        'cannot be committed yet: git.test/acme/deploy: 403; retried until 2026-03-01T13:00:00.000Z',
      );
      assert.deepEqual(delay(line, 0, 'git.test/acme/deploy: 403'), []);
      line.commit('1.0.0', sha('1'));
      assert.deepEqual(delay(line, 0, 'git.test/acme/deploy: 500'), []);
    });

    it('says it for each part, once where it is the same, and no longer for a committed part', () => {
      const line = aLineOfTwoParts();
      delay(line, 0, 'away');
      delay(line, 1, 'away');
      assert.match(String(reasonOf(line)), /yet: away; retried/);
      delay(line, 1, '403');
      assert.match(String(reasonOf(line)), /yet: away; 403; retried/);
      line.commit('1.0.0', sha('1'), 0);
      assert.match(String(reasonOf(line)), /yet: 403; retried/);
    });

    it('waits for the promoter again when only another part was in trouble', () => {
      const line = aLineOfTwoParts();
      const before = reasonOf(line);
      delay(line, 0, 'away');
      line.commit('1.0.0', sha('1'), 0);
      assert.equal(reasonOf(line), before);
    });

    it('says when the promoter has to answer and does not', () => {
      const line = aLine();
      line.push('1.0.0');
      delay(line, 0, '403');
      line.later(3_600_001).tick();
      assert.match(String(reasonOf(line)), /^no answer from the promoter.*; last: 403; is it running\?$/);
    });
  });

  it('waits for every part before it fails', () => {
    const line = new TestTrack(aTrack({ dev: ['a', 'b'] }));
    const source = (path: string) => [{ repository: `https://git.test/${path}`, targetRevision: 'main', path }];
    line.observe(
      anApplication('a', old, { sources: source('x/a') }),
      anApplication('b', old, { sources: source('x/b') }),
    );
    line.push('1.0.0');
    const { promotion } = line.live('1.0.0');
    const head = { promotion: promotion?.id ?? '', ticket: idOf('1.0.0'), track: 'storefront', station: 'dev' };
    const refusal = { reason: 'RefRefused' as const, message: 'no', failedAt: started.toISOString() };
    assert.deepEqual(types(line.take({ type: 'failed', data: { ...head, part: 0, ...refusal } })), ['partFailed']);
    assert.deepEqual(types(line.commit('1.0.0', sha('1'), 1)), ['partCommitted', 'failed', 'left']);
  });

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

  it('fails a Ticket for its age when its Applications are never observed again', () => {
    const line = aLine();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    line.later(policy.maxAgeMs - 1);
    assert.ok(!types(line.tick()).includes('failed'));
    assert.equal(line.last?.wakeAt, line.now.getTime() + 1);
    assert.ok(types(line.later(1).tick()).includes('failed'));
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

  it('gives way to a newer Ticket that enters the Station where it waits', () => {
    const line = aLine();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    arrive(line, '1.0.0', ['dev'], sha('1'));
    line.later(1).push('1.1.0');
    line.commit('1.1.0', sha('2'));
    arrive(line, '1.1.0', ['dev'], sha('2'));
    assert.equal(line.live('1.1.0').ticket.state.is, 'waiting', 'stage is held');
    const [, , superseded] = line.later(1).push('1.2.0');
    assert.ok(superseded?.type === 'superseded' && superseded.by === idOf('1.2.0'), JSON.stringify(superseded));
    assert.equal(superseded.ticket, idOf('1.1.0'));
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
      request?.protectedSources.map(({ path }) => path),
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
    assert.ok(failed?.type === 'failed' && failed.reason === 'RolledBack', JSON.stringify(events));
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

  it('fails a Ticket that is open for too long', () => {
    const line = new TestTrack(aTrack({ dev: ['dev'] }));
    line.push('1.0.0');
    assert.deepEqual(types(line.later(14 * 86_400_000 + 1).tick()), ['failed', 'left']);
  });
});
