import assert from 'node:assert/strict';
import type { BusEvent } from '@k8sta/contracts';
import { parseTracks, type Track } from '@k8sta/tracks';
import { consequenceOf, NotStored, store } from './handle.js';
import type { Delivery } from './senders/sender.js';

const receipt = {
  sender: 'dockerhub',
  receivedAt: new Date('2026-01-02T03:05:00Z'),
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
};
const image = { repository: 'docker.io/acme/storefront', tag: '1.4.2' };
const delivery: Delivery = {
  id: 'd1',
  contentType: 'application/json',
  body: '{}',
  pushes: [{ image, pushedAt: new Date('2026-01-02T03:04:05Z') }],
};

function aTrack(name: string, repository = 'acme/storefront'): Track {
  const text = `tracks: [{name: ${name}, images: [{repository: ${repository}}], stations: [{name: dev, applications: [a]}]}]`;
  const parsed = parseTracks([{ path: name, text }]);
  assert.ok('tracks' in parsed);
  return parsed.tracks[0] as Track;
}

describe('consequenceOf', () => {
  it('opens a Ticket on each Track that subscribes, the same one for the same change', () => {
    const tracks = [aTrack('eu'), aTrack('other', 'acme/other'), aTrack('us')];
    const { opened, tickets, reasons } = consequenceOf(delivery, tracks, receipt);
    assert.deepEqual(
      tickets.map(({ track, image: spelled }) => [track, spelled]),
      [
        ['eu', 'docker.io/acme/storefront:1.4.2'],
        ['us', 'docker.io/acme/storefront:1.4.2'],
      ],
    );
    const [ticket] = tickets.map((each) => each.ticket);
    assert.deepEqual(opened[0], {
      type: 'ticket.opened',
      id: `ticket.opened/${ticket}`,
      ticketId: ticket,
      traceparent: receipt.traceparent,
      data: {
        ticket,
        track: 'eu',
        image,
        sender: 'dockerhub',
        pushedAt: '2026-01-02T03:04:05.000Z',
        delivery: 'd1',
      },
    });
    assert.equal(new Set(tickets.map((each) => each.ticket)).size, 2);
    assert.deepEqual(consequenceOf(delivery, tracks, { ...receipt, receivedAt: new Date() }).tickets, tickets);
    assert.deepEqual(reasons, ['other: subscribes to docker.io/acme/other, not to docker.io/acme/storefront']);
  });

  it('keeps the delivery, whether a Track subscribes or not', () => {
    const { received, opened } = consequenceOf(delivery, [], receipt);
    assert.deepEqual(opened, []);
    assert.equal(received.id, 'delivery.received/dockerhub/d1');
  });
});

describe('store', () => {
  const consequence = consequenceOf(delivery, [aTrack('eu'), aTrack('us')], receipt);
  const stored = { stream: 'K8STA', sequence: 1, duplicate: false };

  it('resolves once everything is acknowledged, the delivery before the Tickets', async () => {
    const waiting: { type: string; acknowledge: () => void }[] = [];
    const publish = (event: BusEvent) =>
      new Promise<typeof stored>((resolve) => {
        waiting.push({ type: event.type, acknowledge: () => resolve(stored) });
      });
    let isStored = false;
    const storing = store({ publish }, consequence, 60_000).then(() => {
      isStored = true;
    });
    const turn = () => new Promise(setImmediate);
    await turn();
    assert.deepEqual(
      waiting.map(({ type }) => type),
      ['delivery.received'],
    );
    waiting[0]?.acknowledge();
    await turn();
    assert.deepEqual(
      waiting.map(({ type }) => type),
      ['delivery.received', 'ticket.opened', 'ticket.opened'],
    );
    waiting[1]?.acknowledge();
    await turn();
    assert.equal(isStored, false);
    waiting[2]?.acknowledge();
    await storing;
  });

  it('says so when anything was not acknowledged, or not in time', async () => {
    const refuses = async (event: BusEvent) => {
      if (event.type === 'ticket.opened') throw new Error('no space left');
      return stored;
    };
    await assert.rejects(store({ publish: refuses }, consequence, 60_000), new NotStored('no space left'));
    const never = () => new Promise<typeof stored>(() => {});
    await assert.rejects(store({ publish: never }, consequence, 1), new NotStored('no answer within 1 ms'));
  });

  it('leaves a defect of ours a defect', async () => {
    const publish = async () => {
      throw new TypeError('not what its schema says');
    };
    await assert.rejects(store({ publish }, consequence, 60_000), TypeError);
  });
});
