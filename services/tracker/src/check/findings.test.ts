import assert from 'node:assert/strict';
import type { DataOf } from '@k8sta/contracts';
import type { Station, Track } from '@k8sta/tracks';
import { anApplication, aTrack, sha, started, TestTrack } from '../ride/ride.fixture.js';
import { covers, findingsOf, fingerprint, inspect } from './findings.js';

const revision = sha('0');
const moment = { now: started, sourcesOf: () => [], maxPayload: 1024 * 1024 };

function aLine(...applications: Partial<DataOf<'application.observed'>>[]): TestTrack {
  const line = new TestTrack(aTrack({ dev: ['dev'], prod: ['prod'] }));
  line.observe(...['dev', 'prod'].map((name, at) => anApplication(name, revision, applications[at])));
  line.current();
  return line;
}

describe('a check of a Track', () => {
  it('asks for each Station and image what a promotion would ask', () => {
    const { track, state } = aLine();
    const { inspections, findings } = inspect(track, state, moment);
    assert.deepEqual(findings, []);
    assert.deepEqual(
      inspections.map(({ station, request }) => [
        station,
        request.repository,
        request.branch,
        request.applications.map(({ sources }) => sources.map(({ path }) => path).join()),
        request.protectedSources.map(({ source }) => source.path),
      ]),
      [
        ['dev', 'https://git.test/acme/deploy.git', 'refs/heads/main', ['apps/dev'], ['apps/prod']],
        ['prod', 'https://git.test/acme/deploy.git', 'refs/heads/main', ['apps/prod'], ['apps/dev']],
      ],
    );
  });

  it('reports what prevents the request of a promotion, and what would never arrive', () => {
    const pinned = [{ repository: 'https://git.test/a/b', targetRevision: 'v1.0.0 - v2', path: 'a' }];
    const { track, state } = aLine({ autoSync: false, frozen: true }, { sources: pinned });
    assert.deepEqual(
      inspect(track, state, moment).findings.map(({ station, reason, holds }) => [station, reason, holds]),
      [
        ['dev', 'AutoSyncOff', false],
        ['dev', 'Frozen', false],
        ['prod', 'NotReady', false],
      ],
    );
    const unseen = new TestTrack(track);
    assert.match(inspect(track, unseen.state, moment).findings[0]?.message ?? '', /argo-watcher has not seen/);
  });

  it('reports what the promoter would refuse, and holds the Station if a Ticket would reach another one or pass without its image', () => {
    const { track, state } = aLine();
    const [inspection] = inspect(track, state, moment).inspections;
    assert.ok(inspection);
    const shared = findingsOf(inspection, { is: 'refused', reason: 'SharedFile', message: 'prod reads it too' }, state);
    assert.deepEqual(shared, [{ station: 'dev', reason: 'SharedFile', message: 'prod reads it too', holds: true }]);
    for (const reason of ['ImageNotNamed', 'OverriddenInApplication'] as const) {
      assert.equal(findingsOf(inspection, { is: 'refused', reason, message: '' }, state)[0]?.holds, true, reason);
    }
    const missing = findingsOf(inspection, { is: 'refused', reason: 'BranchMissing', message: 'no main' }, state);
    assert.deepEqual([missing[0]?.reason, missing[0]?.holds], ['BranchMissing', false]);
    assert.equal(findingsOf(inspection, { is: 'unknown', message: 'it hangs' }, state)[0]?.reason, 'NotInspected');
  });

  it('keeps Tickets out of a held Station until the problem is fixed', () => {
    const line = aLine();
    const finding = { station: 'dev', reason: 'SharedFile' as const, message: 'prod reads it too', holds: true };
    line.take({ type: 'checked', findings: [finding] });
    assert.deepEqual(line.take({ type: 'checked', findings: [finding] }), [], 'said once');
    line.push('1.0.0');
    assert.equal(line.message('1.0.0'), 'cannot enter dev: prod reads it too');
    line.take({ type: 'checked', findings: [] });
    assert.equal(line.live('1.0.0').ticket.state.is, 'promoting');
  });

  it('reports manifest-generate-paths that leave out the edited file', () => {
    const { track, state } = aLine({ manifestGeneratePaths: '../base' });
    const [inspection] = inspect(track, state, moment).inspections;
    assert.ok(inspection);
    const application = { namespace: 'argocd', name: 'dev', outcome: 'edited' as const };
    const reply = { is: 'possible' as const, applications: [{ ...application, file: 'apps/dev/kustomization.yaml' }] };
    const [found] = findingsOf(inspection, reply, state);
    assert.equal(found?.reason, 'PathsNotCovered');
    assert.match(found?.message ?? '', /"..\/base" leave out apps\/dev\/kustomization.yaml/);
    assert.equal(found?.holds, true, 'a Ticket would pass through, and its image never run');
    const target = { kind: 'kustomize' as const };
    const both = { ...application, file: 'apps/base/x', alsoIn: [{ file: 'apps/component/x', target }] };
    const [also] = findingsOf(inspection, { is: 'possible', applications: [both] }, state);
    assert.match(also?.message ?? '', /leave out apps\/component\/x/);
  });

  for (const [annotation, covered] of [
    ['.', true],
    ['', true],
    [';', true],
    ['.;../base', true],
    ['../base', false],
    ['/apps', true],
    ['/app', false],
    ['/apps/dev/*.yaml', true],
    ['/apps/*/kustomization.yaml', true],
    ['kustomization.yaml', true],
    ['../../..', true],
    ['../dev', true],
  ] as const) {
    it(`manifest-generate-paths "${annotation}" ${covered ? 'cover' : 'leave out'} the kustomization of apps/dev`, () => {
      assert.equal(covers(annotation, 'apps/dev', 'apps/dev/kustomization.yaml'), covered);
    });
  }

  it('matches a path of many wildcards with a long name at once', () => {
    const start = performance.now();
    assert.equal(covers(`${'*a'.repeat(10)}*b`, 'apps', `apps/${'a'.repeat(240)}`), false);
    assert.ok(performance.now() - start < 10_000);
  });

  it('is repeated if an Application changes in a field that matters, and not for its health', () => {
    const line = aLine();
    const before = fingerprint(line.state);
    line.observe(anApplication('dev', sha('1'), { health: { status: 'Degraded' } }));
    assert.equal(fingerprint(line.state), before);
    line.observe(anApplication('dev', sha('1'), { autoSync: false }));
    assert.notEqual(fingerprint(line.state), before);
  });

  it('holds a Station whose Application another Station for the same image selects, on this Track or another one', () => {
    const labels = { app: 'storefront' };
    const base = aTrack({ dev: ['dev'], prod: [] });
    const [dev, prod] = base.stations as [Station, Station];
    const selecting = { ...base, stations: [dev, { ...prod, matchLabels: labels }] };
    const line = new TestTrack(selecting);
    line.observe(anApplication('dev', revision, { labels }));
    const found = (tracks?: Track[]) =>
      inspect(selecting, line.state, moment, tracks).findings.filter(({ reason }) => reason === 'OnTwoStations');
    assert.deepEqual(
      found().map(({ station, holds, message }) => [station, holds, message]),
      [
        [
          'dev',
          true,
          'argocd/dev: Station prod of Track storefront has this Application too, for the same image repository',
        ],
        [
          'prod',
          true,
          'argocd/dev: Station dev of Track storefront has this Application too, for the same image repository',
        ],
      ],
    );
    const alone = { ...base, stations: [dev] };
    const other = { ...base, name: 'other', stations: [{ ...prod, matchLabels: labels }] };
    const on = (tracks: Track[]) => inspect(alone, line.state, moment, tracks).findings.map(({ reason }) => reason);
    assert.deepEqual(on([alone, other]), ['OnTwoStations']);
    const elsewhere = { ...other, images: [{ ...base.images[0], repository: 'docker.io/acme/other' }] } as Track;
    assert.deepEqual(on([alone, elsewhere]), []);
  });
});
