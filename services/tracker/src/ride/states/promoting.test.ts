import assert from 'node:assert/strict';
import { aLine, old } from '../line.fixture.js';
import { anApplication, aTrack, idOf, sha, started, TestTrack, types } from '../ride.fixture.js';

describe('a Ticket whose commits are requested', () => {
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
});
