import assert from 'node:assert/strict';
import { applicationObserved } from '@k8sta/contracts';
import { type ApplicationObject, changed, synced } from './application.fixture.js';
import { project, type Slice } from './slice.js';

export const reading = { instance: 'default', now: new Date('2026-03-01T12:00:11Z') };

export function sliceOf(object: unknown): Slice {
  const read = project(object, reading);
  assert.ok('slice' in read, JSON.stringify(read));
  assert.deepEqual(applicationObserved.schema.parse(read.slice), read.slice, 'it can be published');
  return read.slice;
}

/** The slice of an Application after a sync that has this change. */
export function sliceWith(change: (object: ApplicationObject) => void): Slice {
  return sliceOf(changed(synced(), change));
}
