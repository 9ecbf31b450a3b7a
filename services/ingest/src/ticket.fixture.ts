import assert from 'node:assert/strict';
import type { Bus } from '@k8sta/bus';
import { type ImageRef, stateKey } from '@k8sta/contracts';

interface Head {
  readonly id: string;
  readonly track: string;
  readonly image: ImageRef;
}

/** Stores a new Ticket in this state, as the tracker does. */
export async function storeTicket(tracker: Bus, head: Head, state: { is: string; since: string }): Promise<void> {
  const { since } = state;
  const times = { pushedAt: since, receivedAt: since, openedAt: since };
  const ticket = { ...head, ...times, sender: 'x', sequence: 1, state, stations: [] };
  const key = stateKey.ticket(head.track, head.id);
  assert.ok(await tracker.state.replace(key, JSON.stringify(ticket), 0), 'the Ticket exists already');
}
