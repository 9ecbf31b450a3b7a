import assert from 'node:assert/strict';
import type { Bus } from '@k8sta/bus';
import type { Railway } from '../railway.js';
import { anApplication, aTrack, Line, sha } from '../ride/ride.fixture.js';
import { trackChecker } from './checker.js';
import type { Reply } from './findings.js';

describe('the checker of Tracks', () => {
  it('asks again while a Station is held, because Git alone may mend it; then no more until something changes', async () => {
    const line = new Line(aTrack({ dev: ['dev'] }));
    line.see(anApplication('dev', sha('0')));
    line.current();
    let reply: Reply = { is: 'refused', reason: 'SharedFile', message: 'prod reads it too' };
    let asked = 0;
    const bus = {
      async ask() {
        asked += 1;
        return reply;
      },
    } as unknown as Pick<Bus, 'ask'>;
    const railway: Pick<Railway, 'tracks' | 'take' | 'state'> = {
      tracks: [line.track],
      take: async (_, input) => void line.tell(input),
      state: async () => line.state,
    };
    const check = trackChecker(railway, bus, () => line.now);
    const checksAfter = async (ms: number): Promise<number> => {
      line.later(ms);
      asked = 0;
      await check();
      return asked;
    };

    assert.equal(await checksAfter(0), 1);
    assert.deepEqual(
      line.state.findings?.map(({ holds }) => holds),
      [true],
    );
    assert.equal(await checksAfter(29_999), 0, 'not all the time');
    reply = { is: 'possible', applications: [] };
    assert.equal(await checksAfter(1), 1);
    assert.deepEqual(line.state.findings, []);
    assert.equal(await checksAfter(86_400_000), 0);
    line.see(anApplication('dev', sha('1'), { autoSync: false }));
    assert.equal(await checksAfter(1), 1);
  });
});
