import assert from 'node:assert/strict';
import { openTickets } from './open-tickets.js';
import type { Delivery } from './senders/sender.js';
import { tracksOf, written } from './tracks.fixture.js';

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

describe('openTickets', () => {
  it('opens a Ticket on each Track that subscribes, with the same id for the same change', () => {
    const subscribed = ['eu', 'us'].map((name) => written(name, 'acme/storefront'));
    const tracks = tracksOf({ tracks: [...subscribed, written('other', 'acme/other')] });
    const { openings, notSubscribed } = openTickets(delivery, tracks, receipt);
    const named = openings.map((opening) => opening.named);
    assert.deepEqual(
      named.map(({ track, image }) => [track, image]),
      [
        ['eu', 'docker.io/acme/storefront:1.4.2'],
        ['us', 'docker.io/acme/storefront:1.4.2'],
      ],
    );
    const [ticket] = named.map((each) => each.ticket);
    assert.deepEqual(openings[0]?.event, {
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
    assert.equal(new Set(named.map((each) => each.ticket)).size, 2);
    const again = openTickets(delivery, tracks, { ...receipt, receivedAt: new Date() });
    assert.deepEqual(
      again.openings.map((opening) => opening.named),
      named,
    );
    assert.equal(notSubscribed, undefined, 'a Track that does not subscribe is not mentioned');
  });

  it('says briefly why no Ticket opens, for any number of Tracks, and names no Track to the sender', () => {
    const many = (name: string, repository: string) =>
      Array.from({ length: 300 }, (_, at) => written(`${name}-${at}`, repository));
    const other = tracksOf({ tracks: many('other', 'acme/other') });
    assert.deepEqual(openTickets(delivery, other, receipt).notSubscribed, {
      reason: 'RepositoryNotSubscribed',
      message: 'no Track subscribes to docker.io/acme/storefront',
      tracks: [],
    });
    const latest = { ...delivery, pushes: [{ image: { ...image, tag: 'latest' }, pushedAt: new Date() }] };
    const ours = tracksOf({ tracks: many('ours', 'acme/storefront') });
    const { notSubscribed } = openTickets(latest, [...other, ...ours], receipt);
    assert.equal(notSubscribed?.reason, 'TagNotSubscribed');
    assert.equal(notSubscribed?.message, 'tag latest of docker.io/acme/storefront is not strict semver');
    assert.deepEqual(notSubscribed?.tracks.length, 20, 'the log names the first ones');
    assert.equal(notSubscribed?.tracks[0], 'ours-0');
  });

  it('keeps the delivery, whether a Track subscribes or not', () => {
    const { received, openings } = openTickets(delivery, [], receipt);
    assert.deepEqual(openings, []);
    assert.equal(received.id, 'delivery.received/dockerhub/d1');
  });
});
