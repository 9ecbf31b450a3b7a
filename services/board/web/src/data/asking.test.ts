import assert from 'node:assert/strict';
import { type Fetched, startAsking } from './asking';

describe('asking the board', () => {
  const { fetch, setTimeout: realTimeout } = globalThis;
  /** The requests that wait for their answer. */
  const requests: ((answer: Response | Error) => void)[] = [];
  const timers: (() => void)[] = [];
  const taken: Fetched<number>[] = [];
  let asking: ReturnType<typeof startAsking>;

  beforeEach(() => {
    for (const list of [requests, timers, taken]) list.length = 0;
    globalThis.fetch = () =>
      new Promise((resolve, reject) => {
        requests.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
      });
    globalThis.setTimeout = ((run: () => void) => timers.push(run)) as unknown as typeof setTimeout;
    asking = startAsking<number>('/api/search', (fetched) => taken.push(fetched));
    asking.look();
  });
  afterEach(() => {
    asking.end();
    Object.assign(globalThis, { fetch, setTimeout: realTimeout });
  });

  const answer = async (response: Response | Error) => {
    requests.shift()?.(response);
    await new Promise(setImmediate);
  };

  it('takes the answer however much changes meanwhile, and then asks once more', async () => {
    for (let at = 0; at < 10; at++) asking.look();
    await answer(Response.json(1));
    assert.deepEqual([taken, requests.length], [[{ value: 1 }], 1]);
    await answer(Response.json(2));
    assert.deepEqual([taken.at(-1), requests.length], [{ value: 2 }, 0]);
  });

  it('asks again some time after a fault, and says which', async () => {
    await answer(new TypeError('fetch failed'));
    assert.deepEqual(taken, [{ fault: 'The board does not answer.' }]);
    timers.shift()?.();
    await answer(Response.json({ message: 'there is no such Track' }, { status: 404 }));
    timers.shift()?.();
    await answer(new Response('<html>', { status: 502 }));
    timers.shift()?.();
    await answer(Response.json(1));
    const [, second, ...others] = taken;
    assert.deepEqual(second, { fault: 'there is no such Track' });
    assert.deepEqual(others, [{ fault: 'The board answers 502.' }, { value: 1 }]);
    assert.deepEqual([timers.length, requests.length], [0, 0]);
  });

  it('keeps the last value after a fault', async () => {
    await answer(Response.json(1));
    asking.look();
    await answer(new TypeError('fetch failed'));
    assert.deepEqual(taken.at(-1), { value: 1, fault: 'The board does not answer.' });
  });

  it('takes nothing after its end', async () => {
    asking.end();
    await answer(Response.json(1));
    assert.deepEqual([taken, requests.length, timers.length], [[], 0, 0]);
  });
});
