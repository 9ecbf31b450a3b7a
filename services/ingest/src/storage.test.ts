import assert from 'node:assert/strict';
import { type BusEvent, ticketId } from '@k8sta/contracts';
import type { Received } from './opens.js';
import { NotStored, payloadFault, Storage } from './storage.js';
import type { Opened, TicketOpened } from './ticket-publisher.js';

const stored = { stream: 'K8STA', sequence: 1, duplicate: false };

function aTicket(track: string): TicketOpened {
  const image = { repository: 'docker.io/acme/storefront', tag: '1.4.2' };
  const ticket = ticketId(track, image);
  const data = { ticket, track, image, sender: 'dockerhub', pushedAt: '2026-01-02T03:04:05.000Z' };
  return { type: 'ticket.opened', id: `ticket.opened/${ticket}`, data };
}

const received: Received = {
  type: 'delivery.received',
  id: 'delivery.received/dockerhub/d1',
  data: {
    sender: 'dockerhub',
    delivery: 'd1',
    receivedAt: '2026-01-02T03:05:00.000Z',
    contentType: 'application/json',
    body: '{}',
  },
};
const [eu, us] = [aTicket('eu'), aTicket('us')];
const opened = [eu, us];

/** What is known about both Tickets once they are stored. */
function both(isRepeat: boolean): Map<string, Opened> {
  return new Map(opened.map(({ id, data: { ticket } }) => [id, { ticket, isRepeat }]));
}

/** A Storage on a bus with this publish function. */
function over(
  publish: (event: BusEvent) => Promise<typeof stored>,
  { withinMs = 60_000, now = () => new Date() } = {},
) {
  return new Storage({
    bus: { publish, at: async () => undefined, maxPayload: () => 1024 * 1024 },
    withinMs,
    bodyLimit: 1024,
    now,
  });
}

describe('Storage', () => {
  it('resolves once JetStream acknowledged the delivery and its Tickets, which are published side by side', async () => {
    const waiting: { type: string; acknowledge: () => void }[] = [];
    const storage = over(
      (event) =>
        new Promise((resolve) => {
          waiting.push({ type: event.type, acknowledge: () => resolve(stored) });
        }),
    );
    let isStored = false;
    const storing = storage.store(received, opened).then(() => {
      isStored = true;
    });
    const turn = () => new Promise(setImmediate);
    const types = () => waiting.map(({ type }) => type);
    await turn();
    assert.deepEqual(types(), ['delivery.received', 'ticket.opened', 'ticket.opened']);
    for (const at of [1, 0]) waiting[at]?.acknowledge();
    await turn();
    assert.equal(isStored, false);
    waiting[2]?.acknowledge();
    await storing;
  });

  it('throws NotStored if an event is not acknowledged, or not in time', async () => {
    const refuses = async (event: BusEvent) => {
      if (event.type === 'ticket.opened') throw new Error('no space left');
      return stored;
    };
    await assert.rejects(over(refuses).store(received, opened), new NotStored('no space left'));
    const never = () => new Promise<typeof stored>(() => {});
    await assert.rejects(over(never, { withinMs: 1 }).store(received, opened), new NotStored('no answer within 1 ms'));
  });

  it('passes on a bug of ours unchanged', async () => {
    const storage = over(async () => {
      throw new TypeError('not what its schema says');
    });
    await assert.rejects(storage.store(received, opened), TypeError);
    await storage.check();
  });

  it('is not ready after a webhook could not be stored, until that webhook is stored', async () => {
    let isFull = false;
    const published: string[] = [];
    const storage = over(async ({ id }) => {
      if (isFull && id === us.id) throw new Error('maximum bytes exceeded');
      published.push(id);
      return stored;
    });
    await storage.check();
    isFull = true;
    await assert.rejects(storage.store(received, opened), NotStored);
    await assert.rejects(storage.check(), { message: 'JetStream does not store events: maximum bytes exceeded' });
    isFull = false;
    await storage.check();
    assert.equal(published.pop(), us.id);
    await storage.check();
    assert.notEqual(published.pop(), us.id, 'published once');
  });

  it('publishes a Ticket once if several calls open it at a time, and returns it as repeated to the others', async () => {
    const published: string[] = [];
    let now = 0;
    const storage = over(
      async ({ id }) => {
        published.push(id);
        return stored;
      },
      { now: () => new Date(now) },
    );
    const [first, ...others] = await Promise.all(Array.from({ length: 6 }, () => storage.store(received, opened)));
    const count = () => published.filter((id) => id === eu.id).length;
    assert.deepEqual(first, both(false));
    for (const other of others) assert.deepEqual(other, both(true));
    assert.equal(count(), 1);
    now = 120_001;
    await storage.store(received, opened);
    assert.equal(count(), 2, 'later, JetStream or the tracker recognises it');
  });

  it('does not remember a Ticket that was not stored', async () => {
    let fails = true;
    const storage = over(async ({ type }) => {
      if (fails && type === 'ticket.opened') throw new Error('away');
      return stored;
    });
    await assert.rejects(storage.store(received, opened), NotStored);
    fails = false;
    assert.deepEqual(await storage.store(received, opened), both(false));
  });

  it('compares the largest body with the max_payload of NATS', () => {
    assert.equal(payloadFault(768 * 1024, 1024 * 1024), undefined);
    assert.equal(payloadFault(60_000, 64_096), undefined);
    assert.match(payloadFault(60_000, 64_095) ?? '', /need a max_payload of 64096, and it is 64095: raise it/);
  });
});
