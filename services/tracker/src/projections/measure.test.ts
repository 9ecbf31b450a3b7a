import assert from 'node:assert/strict';
import type { Input } from '../ride/event.js';
import type { Policy } from '../ride/policy.js';
import { anApplication, aTrack, idOf, sha, started, TestTrack } from '../ride/ride.fixture.js';
import { type Measurement, measure } from './measure.js';

const old = sha('0');

/** A Track whose steps are measured. */
class MeasuredTrack extends TestTrack {
  readonly measured: Measurement[] = [];

  protected override decide(input: Input) {
    const decision = super.decide(input);
    this.measured.push(...measure(decision.history, this.now));
    return decision;
  }

  /** At this many seconds after the start. */
  at(second: number): this {
    this.now = at(second);
    return this;
  }
}

const at = (second: number) => new Date(started.getTime() + second * 1000);

function aLine(change: Partial<Policy> = {}): MeasuredTrack {
  const line = new MeasuredTrack(aTrack({ dev: ['dev'], prod: ['prod'] }), change);
  line.observe(anApplication('dev', old), anApplication('prod', old));
  line.current();
  return line;
}

/** Synced at one moment, and seen to be healthy at another. */
function arrives(
  line: MeasuredTrack,
  name: string,
  commit: string,
  syncedAt: number,
  healthyAt: number,
  tag = '1.0.0',
): void {
  const finishedAt = at(syncedAt).toISOString();
  line.at(healthyAt).current();
  line.observe(
    anApplication(name, commit, {
      operation: { phase: 'Succeeded', finishedAt, revisions: [commit] },
      reconciledAt: at(syncedAt + 1).toISOString(),
    }),
  );
  line.answer(tag, name, commit, { relation: 'same', namesImage: true });
}

describe('measure', () => {
  it('divides a ride into commit, sync and health of each Station, and measures its end', () => {
    const line = aLine();
    line.push('1.0.0');
    line.at(2).commit('1.0.0', sha('1'));
    arrives(line, 'dev', sha('1'), 12, 42);
    line.at(45).commit('1.0.0', sha('2'));
    arrives(line, 'prod', sha('2'), 65, 165);
    assert.deepEqual(line.measured, [
      { of: 'commit', station: 'dev', seconds: 2 },
      { of: 'sync', station: 'dev', seconds: 10 },
      { of: 'health', station: 'dev', seconds: 30 },
      { of: 'arrival', station: 'dev' },
      { of: 'commit', station: 'prod', seconds: 3 },
      { of: 'sync', station: 'prod', seconds: 20 },
      { of: 'health', station: 'prod', seconds: 100 },
      { of: 'arrival', station: 'prod' },
      { of: 'ride', seconds: 165 },
      { of: 'end', outcome: 'completed' },
    ]);
  });

  it('starts when the webhook was received, even if the tracker opens the Ticket late', () => {
    const line = aLine();
    const image = { repository: 'docker.io/acme/storefront', tag: '1.0.0' };
    const head = { ticket: idOf('1.0.0'), track: 'storefront', image, sender: 'dockerhub' };
    line.at(600);
    const data = { ...head, pushedAt: started.toISOString() };
    line.take({ type: 'open', data, sequence: 1, receivedAt: at(60).toISOString() });
    line.current();
    line.at(601).commit('1.0.0', sha('1'));
    assert.deepEqual(line.measured, [{ of: 'commit', station: 'dev', seconds: 541 }]);
  });

  it('uses the time of the comparison if nothing had to be synced', () => {
    const line = aLine();
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    line.at(20).current();
    line.observe(anApplication('dev', sha('1'), { reconciledAt: at(15).toISOString(), operation: undefined }));
    line.answer('1.0.0', 'dev', sha('1'), { relation: 'same', namesImage: true });
    assert.deepEqual(line.measured.slice(1), [
      { of: 'sync', station: 'dev', seconds: 15 },
      { of: 'health', station: 'dev', seconds: 5 },
      { of: 'arrival', station: 'dev' },
    ]);
  });

  for (const [clock, syncedAt, sync] of [
    ['behind', 9, 0],
    ['ahead', 20, 4],
  ] as const) {
    it(`is neither negative nor too long if Argo CD's clock is ${clock}`, () => {
      const line = aLine();
      line.push('1.0.0');
      line.at(10).commit('1.0.0', sha('1'));
      arrives(line, 'dev', sha('1'), syncedAt, 14);
      assert.deepEqual(line.measured.slice(1), [
        { of: 'sync', station: 'dev', seconds: sync },
        { of: 'health', station: 'dev', seconds: 4 - sync },
        { of: 'arrival', station: 'dev' },
      ]);
    });
  }

  it('measures no commit if the files already named the image', () => {
    const line = aLine();
    line.push('1.0.0');
    const { promotion } = line.live('1.0.0');
    const [request] = promotion?.parts.map(({ request }) => request) ?? [];
    assert.ok(promotion && request);
    const { ticket, track, station, part, repository } = request;
    const head = { promotion: promotion.id, part, ticket, track, station, repository, branch: 'refs/heads/main' };
    const applications = request.applications.map((each) => ({ ...each, outcome: 'unchanged' as const, file: 'x' }));
    const committedAt = line.now.toISOString();
    line.take({ type: 'committed', data: { ...head, revision: sha('1'), applications, committedAt } });
    line.at(5).current();
    line.observe(anApplication('dev', sha('1')));
    line.answer('1.0.0', 'dev', sha('1'), { relation: 'same', namesImage: true });
    assert.equal(line.live('1.0.0').ticket.state.is, 'promoting', 'on to prod');
    assert.deepEqual(line.measured, [{ of: 'arrival', station: 'dev' }]);
  });

  it('counts the failure, and superseded Tickets', () => {
    const line = aLine({ patienceMs: 86_400_000 });
    line.push('1.0.0');
    line.push('1.0.1', { pushedAt: at(1), sequence: 2 });
    line.push('1.0.2', { pushedAt: at(2), sequence: 3 });
    line.commit('1.0.0', sha('1'));
    line.observe(anApplication('dev', sha('1'), { health: { status: 'Progressing' } }));
    line.answer('1.0.0', 'dev', sha('1'), { relation: 'same', namesImage: true });
    line.at(4_000).current();
    assert.deepEqual(line.measured.slice(0, 4), [
      { of: 'end', outcome: 'superseded' },
      { of: 'commit', station: 'dev', seconds: 0 },
      { of: 'failure', station: 'dev', outcome: 'failed' },
      { of: 'end', outcome: 'DeadlineExceeded' },
    ]);
  });

  /** The Ticket fails at dev after 4,000 seconds. */
  function fails(line: MeasuredTrack): void {
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'));
    line.observe(anApplication('dev', sha('1'), { health: { status: 'Progressing' } }));
    line.answer('1.0.0', 'dev', sha('1'), { relation: 'same', namesImage: true });
    line.at(4_000).current();
  }

  it('measures from a failure to the next arrival at the Station, once', () => {
    const line = aLine({ patienceMs: 86_400_000 });
    fails(line);
    line.at(4_500).push('1.0.1', { sequence: 2 });
    line.commit('1.0.1', sha('2'));
    arrives(line, 'dev', sha('2'), 4_600, 4_700, '1.0.1');
    line.at(4_700).push('1.0.2', { sequence: 3 });
    line.commit('1.0.2', sha('3'));
    arrives(line, 'dev', sha('3'), 4_800, 4_900, '1.0.2');
    assert.deepEqual(
      line.measured.filter(({ of }) => of === 'restore'),
      [{ of: 'restore', station: 'dev', seconds: 700 }],
    );
  });

  it('measures a rollback as a failure, and from the failure to its end', () => {
    const line = aLine({ patienceMs: 86_400_000 });
    const stations = line.track.stations.map((station) => ({ ...station, onFailure: 'rollback' as const }));
    line.track = { ...line.track, stations };
    line.push('1.0.0');
    line.commit('1.0.0', sha('1'), 0, 'docker.io/acme/storefront:0.9.0');
    line.observe(anApplication('dev', sha('1'), { health: { status: 'Progressing' } }));
    line.answer('1.0.0', 'dev', sha('1'), { relation: 'same', namesImage: true });
    line.at(4_000).current();
    assert.equal(line.live('1.0.0').ticket.state.is, 'rollingBack');
    line.at(4_010).commit('1.0.0', sha('2'));
    arrives(line, 'dev', sha('2'), 4_020, 4_060);
    assert.deepEqual(
      line.measured.filter(({ of }) => of === 'restore' || of === 'failure' || of === 'arrival'),
      [
        { of: 'restore', station: 'dev', seconds: 60 },
        { of: 'failure', station: 'dev', outcome: 'rolledBack' },
      ],
    );
  });

  it('counts no failure of a Station where nothing was committed', () => {
    const line = aLine();
    line.push('1.0.0');
    const { promotion } = line.live('1.0.0');
    const [request] = promotion?.parts.map(({ request }) => request) ?? [];
    assert.ok(promotion && request);
    const { ticket, track, station, part } = request;
    const head = { promotion: promotion.id, part, ticket, track, station };
    const failedAt = line.now.toISOString();
    line.take({ type: 'failed', data: { ...head, reason: 'PathMissing', message: 'no such path', failedAt } });
    assert.deepEqual(line.measured, [{ of: 'end', outcome: 'PromotionFailed' }]);
  });
});
