import assert from 'node:assert/strict';
import { isMirrorFault } from './fault.js';

const fault = (message: string, errorFunction = 'Remote.push') =>
  Object.assign(new Error(message), { errno: -1, errorFunction });

describe('a broken mirror', () => {
  it('is suspected if the push misses our own commit, or if anything but the remote fails', () => {
    assert.ok(
      isMirrorFault(fault("src refspec '0534a6301962c833d876b44dea7a4c2f54ddb761' does not match any existing object")),
    );
    assert.ok(isMirrorFault(fault('could not write loose object', 'Commit.create')));
  });

  it('is not suspected if the server fails', () => {
    assert.ok(!isMirrorFault(fault('unexpected http status code: 502')));
    assert.ok(!isMirrorFault(new Error('object not found')));
  });
});
