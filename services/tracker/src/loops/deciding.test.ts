import assert from 'node:assert/strict';
import { together, whileCurrent } from './deciding.js';

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

describe('several things that run together', () => {
  const happened: string[] = [];
  const begin = (name: string) => async () => {
    happened.push(`${name} begins`);
    return { stop: async () => void happened.push(`${name} stops`) };
  };

  it('stop together, also if one of them cannot begin', async () => {
    await (await together(begin('a'), begin('b'))).stop();
    assert.deepEqual(happened.splice(0), ['a begins', 'b begins', 'a stops', 'b stops']);
    const broken = together(begin('a'), () => Promise.reject(new Error('NATS is away')));
    await assert.rejects(broken, /NATS is away/);
    assert.deepEqual(happened, ['a begins', 'a stops']);
  });
});
