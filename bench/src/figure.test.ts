import assert from 'node:assert/strict';
import { type Figure, inJson, inWords, isMet } from './figure.js';

const figure: Figure = { bench: 'watcher', figure: 'first heartbeat', value: 3.125, unit: 's' };
const compared: Figure = { ...figure, reference: 2.5, ratio: 1.25, goal: { of: 'ratio', is: '<=', limit: 1.5 } };

describe('a figure', () => {
  it('is compared with its goal, if it has one', () => {
    assert.equal(isMet(figure), undefined);
    assert.equal(isMet(compared), true);
    assert.equal(isMet({ ...compared, ratio: 1.51 }), false);
    assert.equal(isMet({ ...figure, goal: { of: 'value', is: '>=', limit: 3 } }), true);
    assert.equal(isMet({ ...figure, goal: { of: 'value', is: '=', limit: 3 } }), false);
  });

  it('is a line for a person', () => {
    assert.match(inWords(figure), /^first heartbeat +3\.13 s$/);
    assert.match(inWords(compared), /3\.13 s, reference 2\.50 s \(x 1\.25\); goal x <= 1\.5: met$/);
    assert.match(inWords({ ...compared, ratio: 2 }), /MISSED$/);
  });

  it('is a line for a program', () => {
    assert.deepEqual(JSON.parse(inJson(compared)), {
      ...{ bench: 'watcher', figure: 'first heartbeat', value: 3.125, unit: 's' },
      ...{ reference: 2.5, ratio: 1.25, goal: 'x <= 1.5' },
    });
  });
});
