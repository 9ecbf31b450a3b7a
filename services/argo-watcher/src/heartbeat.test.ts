import assert from 'node:assert/strict';
import type { BusEvent } from '@k8sta/contracts';
import { Heartbeat } from './heartbeat.js';

const noonMs = Date.parse('2026-03-01T12:00:00Z');

describe('Heartbeat', () => {
  let asOfMs: number | undefined;
  let said: BusEvent[];
  let isAway: boolean;
  let heartbeat: Heartbeat;

  beforeEach(() => {
    asOfMs = noonMs;
    said = [];
    isAway = false;
    heartbeat = new Heartbeat({
      instance: 'edge',
      bus: {
        async publish(event) {
          if (isAway) throw new Error('no servers');
          said.push(event);
          return { stream: 'K8STA_APPLICATIONS', sequence: 1, duplicate: false };
        },
      },
      asOfMs: () => asOfMs,
      log: { warn() {} },
    });
  });

  it('publishes the moment up to which the observations are current', async () => {
    await heartbeat.beat();
    assert.deepEqual(said, [
      {
        type: 'application.current',
        id: 'application.current/edge/2026-03-01T12:00:00.000Z',
        data: { instance: 'edge', asOf: '2026-03-01T12:00:00.000Z' },
      },
    ]);
  });

  it('publishes nothing while that moment is unknown, no moment twice, and never an earlier one', async () => {
    asOfMs = undefined;
    await heartbeat.beat();
    assert.equal(said.length, 0);
    asOfMs = noonMs;
    await Promise.all([heartbeat.beat(), heartbeat.beat()]);
    await heartbeat.beat();
    asOfMs = noonMs - 1;
    await heartbeat.beat();
    assert.equal(said.length, 1);
    asOfMs = noonMs + 1;
    await heartbeat.beat();
    assert.equal(said.length, 2);
  });

  it('retries a heartbeat that could not be published', async () => {
    isAway = true;
    await heartbeat.beat();
    isAway = false;
    await heartbeat.beat();
    assert.equal(said.length, 1);
  });
});
