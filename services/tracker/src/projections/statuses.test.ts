import assert from 'node:assert/strict';
import type { WriteWish } from '@k8sta/contracts';
import type { Input } from '../ride/event.js';
import { aCommit, arrive, missDeadline, seen, withStations } from '../ride/line.fixture.js';
import { TestTrack } from '../ride/ride.fixture.js';
import { publish } from './publish.js';

/** A Track that says what its commits are to show. */
class ShowingTrack extends TestTrack {
  readonly shown: string[] = [];

  protected override decide(input: Input) {
    const decision = super.decide(input);
    for (const { type, data } of publish(decision.history, 1).events) {
      if (type !== 'status.requested') continue;
      const where = [data.statuses && 'status', data.deployments && 'deployment'].filter(Boolean).join('+');
      this.shown.push(`${where} ${data.commit.slice(-4)} ${data.state} ${data.description}`);
    }
    return decision;
  }
}

function aLine(write?: WriteWish): ShowingTrack {
  const line = new ShowingTrack(withStations({ dev: write ? { write } : {}, prod: {} }));
  line.observe(...['dev', 'prod'].map((name) => seen(line, name, '0'.repeat(40))));
  line.current();
  line.push('1.0.0');
  return line;
}

const statuses = { statuses: true };
const tail = (commit: string) => commit.slice(-4);

describe('what a commit shows on its forge', () => {
  it('is pending from the commit on, and a success once it has arrived', () => {
    const line = aLine(statuses);
    const commit = aCommit();
    line.commit('1.0.0', commit);
    assert.deepEqual(line.shown, [`status ${tail(commit)} pending is on its way to dev`]);
    arrive(line, '1.0.0', ['dev'], commit);
    assert.deepEqual(line.shown.slice(1), [`status ${tail(commit)} success arrived at dev`]);
  });

  it('is a failure with its reason', () => {
    const line = aLine(statuses);
    const commit = aCommit();
    line.commit('1.0.0', commit);
    missDeadline(line, '1.0.0');
    assert.match(line.shown.at(-1) ?? '', new RegExp(`^status ${tail(commit)} failure DeadlineExceeded: `));
  });

  it('is a failure if the Ticket is cancelled on its way, and stays a success after it has arrived', () => {
    const line = aLine(statuses);
    const commit = aCommit();
    line.cancel('1.0.0');
    line.commit('1.0.0', commit);
    arrive(line, '1.0.0', ['dev'], commit);
    assert.deepEqual(line.shown.at(-1), `status ${tail(commit)} success arrived at dev`);
  });

  it('is there without being asked for where a pull request made it, and nowhere else', () => {
    const plain = aLine();
    plain.commit('1.0.0', aCommit());
    assert.deepEqual(plain.shown, []);
    const proposing = aLine({ pullRequest: { merge: 'byPeople' } });
    proposing.commit('1.0.0', aCommit());
    assert.equal(proposing.shown.length, 1);
    const silent = aLine({ pullRequest: { merge: 'byPeople' }, statuses: false });
    silent.commit('1.0.0', aCommit());
    assert.deepEqual(silent.shown, []);
  });

  it('is a deployment where that is asked for', () => {
    const line = aLine({ deployments: true });
    const commit = aCommit();
    line.commit('1.0.0', commit);
    assert.deepEqual(line.shown, [`deployment ${tail(commit)} pending is on its way to dev`]);
  });
});
