import assert from 'node:assert/strict';
import { subjectFor } from './definition.js';
import { operatorWordEvent } from './events/operator-word.js';
import { operatorWord, wordVerbs } from './words.js';

const head = { track: 'app', by: 'alice', at: '2026-01-01T00:00:00Z' };
const image = { repository: 'docker.io/acme/app', tag: '1.0.0' };
const ticket = '0123456789abcdef';

const words: Record<(typeof wordVerbs)[number], object> = {
  approve: { ticket, station: 'prod' },
  cancel: { ticket },
  retry: { ticket, image, attempt: 2, station: 'prod' },
  express: { ticket },
  check: { ticket, station: 'prod', name: 'smoke', outcome: 'passed' },
  pause: {},
  resume: { station: 'prod' },
  promote: { image, attempt: 1 },
  rollback: { station: 'prod', image, attempt: 1 },
};

describe("an operator's word", () => {
  for (const verb of wordVerbs) {
    it(`${verb}: is read with all of its fields, and not without one of them`, () => {
      const word = { ...head, verb, ...words[verb] };
      assert.deepEqual(operatorWord.parse(word), word);
      assert.deepEqual(operatorWordEvent.schema.parse(word), word);
      for (const field of Object.keys(words[verb]).filter((each) => !(verb === 'resume' && each === 'station'))) {
        assert.ok(!operatorWord.safeParse({ ...word, [field]: undefined }).success, `${verb} without ${field}`);
      }
    });
  }

  it('is published by its Track and verb', () => {
    assert.equal(subjectFor(operatorWordEvent, { ...head, verb: 'pause' }), 'k8sta.operator.app.pause');
  });

  it('keeps control characters out of the name of its speaker', () => {
    assert.ok(!operatorWord.safeParse({ ...head, verb: 'pause', by: 'alice\n' }).success);
    assert.ok(operatorWord.safeParse({ ...head, verb: 'pause', by: 'Älice <alice@example.com>' }).success);
  });
});
