import assert from 'node:assert/strict';
import { aLine, aLineOf, twoParts } from '../line.fixture.js';
import { sha, types } from '../ride.fixture.js';

const twoPartsRequested = () => {
  const line = aLineOf({ dev: twoParts });
  line.push('1.0.0');
  return line;
};

describe('a Ticket whose commits are requested', () => {
  it('fails with the promoter’s words, and frees the Station', () => {
    const line = aLine();
    line.push('1.0.0');
    line.later(1).push('1.1.0');
    const events = line.refuse('1.0.0', 'RefRefused', 'protected branch');
    assert.deepEqual(types(events), ['partFailed', 'failed', 'left', 'promotes']);
    const [, failed] = events;
    assert.equal(
      failed?.type === 'failed' && failed.message,
      'RefRefused: https://git.test/acme/deploy.git: protected branch',
    );
  });

  describe('while the promoter cannot commit', () => {
    it('says what is in the way and until when it is tried, and takes a repeat without effect', () => {
      const line = aLine();
      line.push('1.0.0');
      assert.deepEqual(types(line.delay('1.0.0', 'git.test/acme/deploy: 403')), ['partDelayed', 'waits']);
      assert.equal(
        line.message('1.0.0'),
        'cannot be committed yet: git.test/acme/deploy: 403; retried until 2026-03-01T13:00:00.000Z',
      );
      assert.deepEqual(line.delay('1.0.0', 'git.test/acme/deploy: 403'), []);
      line.commit('1.0.0', sha('1'));
      assert.deepEqual(line.delay('1.0.0', 'git.test/acme/deploy: 500'), []);
    });

    it('says it for each part, once where it is the same, and no longer for a committed part', () => {
      const line = twoPartsRequested();
      line.delay('1.0.0', 'away');
      line.delay('1.0.0', 'away', 1);
      assert.match(line.message('1.0.0'), /yet: away; retried/);
      line.delay('1.0.0', '403', 1);
      assert.match(line.message('1.0.0'), /yet: away; 403; retried/);
      line.commit('1.0.0', sha('1'), 0);
      assert.match(line.message('1.0.0'), /yet: 403; retried/);
    });

    it('waits for the promoter again when only another part was in trouble', () => {
      const line = twoPartsRequested();
      const before = line.message('1.0.0');
      line.delay('1.0.0', 'away');
      line.commit('1.0.0', sha('1'), 0);
      assert.equal(line.message('1.0.0'), before);
    });

    it('says when the promoter has to answer and does not', () => {
      const line = aLine();
      line.push('1.0.0');
      line.delay('1.0.0', '403');
      line.later(3_600_001).tick();
      assert.match(line.message('1.0.0'), /^no answer from the promoter.*; last: 403; is it running\?$/);
    });
  });

  it('waits for every part before it fails', () => {
    const line = twoPartsRequested();
    assert.deepEqual(types(line.refuse('1.0.0', 'RefRefused', 'no', 0)), ['partFailed']);
    assert.deepEqual(types(line.commit('1.0.0', sha('1'), 1)), ['partCommitted', 'failed', 'left']);
  });
});
