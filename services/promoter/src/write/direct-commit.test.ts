import assert from 'node:assert/strict';
import type { Pushed } from '../part.js';
import { DirectCommit } from './direct-commit.js';
import type { Candidate } from './write.js';

const destination = {
  repository: { name: 'git.example.com/acme/config', address: 'https://git.example.com/acme/config' },
  branch: 'refs/heads/main',
};

function candidate(id: string): Candidate {
  const part = {
    ...{ id, ticket: 'ticket', track: 'storefront', station: 'dev', applications: [], protectedSources: [] },
    requestedAt: '2026-01-01T00:00:00.000Z',
  };
  return { part: () => part };
}

function many(count: number): [Candidate, ...Candidate[]] {
  const [first, ...others] = Array.from({ length: count }, (_, index) => candidate(`${index}`));
  assert.ok(first);
  return [first, ...others];
}

describe('direct commit', () => {
  let outcome: Pushed;
  let lostPushes: number;
  let strategy: DirectCommit;

  beforeEach(() => {
    lostPushes = 0;
    strategy = new DirectCommit({
      git: { push: async (_repository, parts) => parts.map(() => outcome) },
      metrics: { pushLost: () => void lostPushes++ },
      random: () => 0,
    });
  });

  const lost: Pushed = { is: 'lost', why: 'fetch first' };
  const pushed: Pushed = { is: 'pushed', commit: 'a'.repeat(40), applications: [] };
  const sizes = (waiting: [Candidate, ...Candidate[]]) => strategy.batch(destination, waiting).length;

  it('lands a pushed commit on the branch of the push', async () => {
    outcome = pushed;
    const landed = { is: 'landed', branch: destination.branch, commit: pushed.commit, applications: [] };
    assert.deepEqual(await strategy.land(destination, [candidate('a')]), [landed]);
    assert.equal(lostPushes, 0);
  });

  it('halves the batch after a lost race, down to eight parts, and doubles it again after each success', async () => {
    const waiting = many(40);
    assert.equal(sizes(waiting), 32);
    outcome = lost;
    await strategy.land(destination, strategy.batch(destination, waiting));
    assert.deepEqual([sizes(waiting), lostPushes], [16, 1]);
    assert.equal(strategy.batch({ ...destination, branch: 'refs/heads/other' }, waiting).length, 32);
    await strategy.land(destination, waiting.slice(0, 1));
    assert.equal(sizes(waiting), 8);
    outcome = pushed;
    for (const size of [16, 32, 32]) {
      await strategy.land(destination, strategy.batch(destination, waiting));
      assert.equal(sizes(waiting), size);
    }
  });

  it('lets other parts go first after twenty lost races in a row', async () => {
    const [part, other] = [candidate('a'), candidate('b')];
    outcome = lost;
    for (let attempt = 1; attempt < 20; attempt++) {
      assert.deepEqual(await strategy.land(destination, [part]), [{ is: 'retry', why: 'fetch first', attempt }]);
    }
    const landings = await strategy.land(destination, [part, other]);
    assert.deepEqual(landings, [
      { is: 'postponed', message: '20 pushes in a row lost a race', delayMs: 250 },
      { is: 'retry', why: 'fetch first', attempt: 1 },
    ]);
    assert.equal(lostPushes, 20);
  });

  it('pushes each part of a refused push alone, and others together', async () => {
    const [first, second] = many(2);
    const later = candidate('later');
    assert.ok(second);
    outcome = { is: 'mixed', why: 'hook declined' };
    const landings = await strategy.land(destination, [first, second]);
    assert.deepEqual(new Set(landings.map(({ is }) => is)), new Set(['retry']));
    assert.deepEqual(strategy.batch(destination, [first, second, later]), [first]);
    assert.deepEqual(strategy.batch(destination, [later, second, candidate('last')]).length, 2);
  });
});
