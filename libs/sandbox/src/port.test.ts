import assert from 'node:assert/strict';
import { freePort } from './port.js';

describe('a free port', () => {
  it('is returned once, even before its owner listens', async () => {
    const ports: number[] = [];
    for (let count = 0; count < 500; count++) ports.push(await freePort());
    assert.equal(new Set(ports).size, ports.length);
  });
});
