import assert from 'node:assert/strict';
import { nextTry } from './back-off.js';

describe('the time of the next attempt', () => {
  const rows = { '00:05': '12:05AM', '08:09': '8:09AM', '12:00': '12:00PM', '20:09': '8:09PM' };
  for (const [time, words] of Object.entries(rows)) {
    it(`is ${words} at ${time}`, () => assert.equal(nextTry(Date.parse(`2026-01-01T${time}:59Z`)), words));
  }
});
