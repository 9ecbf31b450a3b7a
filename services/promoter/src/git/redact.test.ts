import assert from 'node:assert/strict';
import { redact, redactSentences } from './redact.js';

describe('redact', () => {
  it('hides the whole of a secret that has another one in it', () => {
    assert.equal(redact('hunter2-and-more, hunter2', ['hunter2', 'hunter2-and-more']), '***, ***');
  });

  it('leaves the text alone if a secret is empty', () => {
    assert.equal(redact('declined', ['']), 'declined');
  });

  it('changes the sentences of an answer, and nothing else', () => {
    const answer = [
      { is: 'lost', why: 'main moved' },
      { is: 'none', branch: 'main', plan: { is: 'refused', reason: 'main', message: 'no main' }, tip: null, count: 1 },
    ];
    assert.deepEqual(redactSentences(answer, ['main']), [
      { is: 'lost', why: '*** moved' },
      { is: 'none', branch: 'main', plan: { is: 'refused', reason: 'main', message: 'no ***' }, tip: null, count: 1 },
    ]);
  });
});
