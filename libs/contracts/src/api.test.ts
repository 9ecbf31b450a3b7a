import assert from 'node:assert/strict';
import { actorOf, apiOperations, apiSubject, apiVerbs, everyApiSubject, readVerbs } from './api.js';
import { questions } from './questions.js';
import { wordVerbs } from './words.js';

describe('the API', () => {
  it('has a verb for each word, and the reads', () => {
    assert.deepEqual([...apiVerbs].sort(), [...wordVerbs, ...readVerbs].sort());
  });

  it('names the actor in the subject, so that a permission can', () => {
    assert.equal(apiSubject('bob', 'pause'), 'k8sta.api.bob.pause');
    assert.equal(apiSubject('*', 'pause'), 'k8sta.api.*.pause');
    assert.equal(everyApiSubject('operator'), 'k8sta.api.operator.>');
    assert.equal(actorOf('k8sta.api.bob.pause'), 'bob');
    assert.equal(actorOf('k8sta.git.bob.pause'), undefined);
    assert.throws(() => apiSubject('>', 'pause'), RangeError);
  });

  it('shares no subject with a question between services', () => {
    for (const { subject } of questions) assert.equal(actorOf(subject), undefined);
  });

  it('bounds what a person writes', () => {
    const refuses = (verb: keyof typeof apiOperations, request: object) =>
      assert.equal(apiOperations[verb].request.safeParse(request).success, false, JSON.stringify(request));
    refuses('cancel', { ticket: 'a'.repeat(65) });
    refuses('cancel', { ticket: 'abc' });
    refuses('cancel', { ticket: 'abcd', message: 'x'.repeat(1_001) });
    refuses('cancel', { ticket: 'abcd', id: 'a.b' });
    refuses('pause', { track: 'a.b' });
    refuses('promote', { track: 'app', image: 'x'.repeat(1_000) });
    refuses('tickets', { limit: 501 });
  });
});
