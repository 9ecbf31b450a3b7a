import assert from 'node:assert/strict';
import { whileCurrent } from './deciding.js';

describe('deciding while the tracks files are current', () => {
  it('begins and stops once each time, and begins again after a failure', async () => {
    let [isCurrent, isBroken] = [false, false];
    const happened: string[] = [];
    const look = whileCurrent({ isCurrent: () => isCurrent }, async () => {
      if (isBroken) throw new Error('Redis is away');
      happened.push('begins');
      return { stop: async () => void happened.push('stops') };
    });
    const looks = async () => {
      await look();
      await look();
      return happened.splice(0);
    };
    assert.deepEqual(await looks(), []);
    isCurrent = true;
    assert.deepEqual(await looks(), ['begins']);
    isCurrent = false;
    assert.deepEqual(await looks(), ['stops']);
    [isCurrent, isBroken] = [true, true];
    await assert.rejects(looks(), /Redis is away/);
    isBroken = false;
    assert.deepEqual(await looks(), ['begins']);
  });
});
