import assert from 'node:assert/strict';
import { lookups } from './elsewhere.js';
import type { Input } from './ride/event.js';
import { aLineOf, arrive } from './ride/line.fixture.js';
import { repository, sha } from './ride/ride.fixture.js';

const question = {
  ticket: 'one',
  image: { repository, tag: '1.0.0' },
  about: { is: 'arrival', track: 'storefront', station: 'dev' },
} as const;

/** A Track on which the Ticket is on its way to dev; each look at it is answered when the test says so. */
function anotherTrack() {
  const line = aLineOf({ dev: {} });
  line.push('1.0.0');
  const looks: (() => void)[] = [];
  let isAway = false;
  const keeper = {
    current: async () => {
      const { state } = line;
      await new Promise<void>((resolve) => looks.push(resolve));
      return { state } as never;
    },
  };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const elsewhere = lookups({ state: {} as never }, keeper, log);
  const answers: (string | undefined)[] = [];
  const failures: string[] = [];
  const take = async (answer: Input) => {
    if (isAway) throw new Error('TIMEOUT');
    answers.push(answer.type === 'elsewhereKnown' ? answer.is : answer.type);
  };
  const ask = () => elsewhere.once(question, take, () => failures.push('failed'));
  const arrives = () => {
    line.commit('1.0.0', sha('1'));
    arrive(line, '1.0.0', ['dev'], sha('1'));
  };
  /** Answers every look, also those that follow from an answer. */
  const answerAll = async () => {
    const settled = elsewhere.settled();
    for (let at = 0; at < looks.length; at++) {
      looks[at]?.();
      await new Promise(setImmediate);
    }
    await settled;
  };
  const goAway = () => {
    isAway = true;
  };
  return { ask, answers, failures, arrives, answerAll, goAway };
}

describe('what a Ticket has to know of another Track', () => {
  it('is looked up again when it was asked again before the answer: the image may have arrived meanwhile', async () => {
    const { ask, answers, arrives, answerAll } = anotherTrack();
    ask();
    arrives();
    ask();
    ask();
    await answerAll();
    assert.deepEqual(answers, [undefined, 'arrived']);
  });

  it('is looked up once when it was asked once', async () => {
    const { ask, answers, answerAll } = anotherTrack();
    ask();
    await answerAll();
    assert.deepEqual(answers, [undefined]);
  });

  it('is told as failed when the answer cannot be taken', async () => {
    const { ask, answers, failures, goAway, answerAll } = anotherTrack();
    goAway();
    ask();
    await answerAll();
    assert.deepEqual([answers, failures], [[], ['failed']]);
  });
});
