import assert from 'node:assert/strict';
import { deepestNesting, tooDeepAt } from './yaml.js';

describe('tooDeepAt', () => {
  for (const [what, level] of Object.entries({
    'lists in brackets': '[',
    'mappings in brackets': '{a: ',
    'lists on one line': '- ',
    'keys on one line': '? ',
  })) {
    it(`finds the first of ${what} that is one too many`, () => {
      assert.equal(tooDeepAt(level.repeat(deepestNesting - 1)), undefined);
      const at = tooDeepAt(`# text\n${level.repeat(10 * deepestNesting)}`) ?? 0;
      assert.ok(Math.abs((at - 7) / level.length - deepestNesting) < 2, `${at}`);
    });
  }

  it('finds nothing in a long file, whatever its text', () => {
    const item = '- {name: a, ports: [{port: 80}]}\n- text: "[[[[[[[[ {{{{ - - - -"\n  # [[[[[[[[[ ? ? ?\n';
    assert.equal(tooDeepAt(item.repeat(100)), undefined);
  });
});
