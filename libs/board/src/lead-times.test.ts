import assert from 'node:assert/strict';
import type { Ticket } from '@k8sta/contracts';
import { leadTimes } from './lead-times.js';

const at = (minutes: number) => new Date(minutes * 60_000).toISOString();

/** A Ticket that was received at `received` and arrived at the Stations after so many minutes. */
function arrived(received: number, stations: Readonly<Record<string, number>>): Ticket {
  const records = Object.entries(stations).map(([station, after]) => ({
    ...{ station, attempt: 1, parts: 1, commits: [] },
    requestedAt: at(received + after - 1),
    arrivedAt: at(received + after),
  }));
  return { receivedAt: at(received), stations: records } as unknown as Ticket;
}

describe('lead times', () => {
  it('are the medians of the arrivals at each Station, from the webhook and from the request', () => {
    const tickets = [arrived(0, { dev: 2, prod: 30 }), arrived(100, { dev: 4, prod: 10 }), arrived(200, { dev: 6 })];
    assert.deepEqual(leadTimes(['dev', 'stage', 'prod'], tickets), [
      { station: 'dev', tickets: 3, fromPushMs: 4 * 60_000, insideMs: 60_000 },
      { station: 'prod', tickets: 2, fromPushMs: 20 * 60_000, insideMs: 60_000 },
    ]);
  });

  it('count only the last twenty arrivals', () => {
    const slow = Array.from({ length: 20 }, (_, day) => arrived(day * 10, { dev: 9 }));
    const fast = Array.from({ length: 20 }, (_, day) => arrived(1_000 + day * 10, { dev: 1 }));
    assert.deepEqual(leadTimes(['dev'], [...fast, ...slow]), [
      { station: 'dev', tickets: 20, fromPushMs: 60_000, insideMs: 60_000 },
    ]);
  });
});
