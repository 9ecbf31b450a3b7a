import assert from 'node:assert/strict';
import { ticketId } from '@k8sta/contracts';
import { withStations } from '../ride/line.fixture.js';
import { repository, sha } from '../ride/ride.fixture.js';
import { type ApiStage, accepted, apiForEach, refused, rollingBack, since, TestApi } from './api.fixture.js';

describe('words about Tracks', () => {
  let stage: ApiStage;
  let api: TestApi;
  let app: string;
  let other: string;

  apiForEach((next) => {
    ({ stage, api, app, other } = next);
  });

  describe('a promotion by an operator', () => {
    it('is of an image that the Track subscribes to; force waives the rule for tags and nothing else', async () => {
      const promote = (image: string, more: object = {}) => api.handlers.promote({ track: app, image, ...more }, 'bob');
      refused(await promote('acme/other:1.0.0', { force: true }), 'NotSubscribed', /docker.io\/acme\/other, but to/);
      refused(await promote(`${repository}:latest`), 'TagNotSubscribed', /latest/);
      for (const wrong of ['', ':-1', '@sha256:12', ':1.0.0@sha256:12', ` :${'x'.repeat(129)}`]) {
        refused(
          await promote(`${repository}${wrong}`, { force: true }),
          'ImageInvalid',
          /is not an image with its tag/,
        );
      }
      refused(await promote(`${repository}:1.0.0`, { station: 'moon' }), 'StationUnknown', /moon/);
      const { sequence, ticket } = accepted(await promote(`${repository}:latest`, { force: true, station: 'prod' }));
      const image = { repository, tag: 'latest' };
      assert.equal(ticket, ticketId(app, image));
      assert.deepEqual(await api.word(sequence), {
        ...{ track: app, verb: 'promote', by: 'bob', at: since, image, attempt: 1, station: 'prod' },
      });
    });

    it('is the next attempt of an image that has ridden, and refused while the image rides', async () => {
      const ticket = api.open(app, '1.0.0');
      const promote = () => api.handlers.promote({ track: app, image: `${repository}:1.0.0` }, 'bob');
      refused(await promote(), 'TicketNotOver', new RegExp(ticket.id));
      await api.end(ticket, { is: 'completed', since });
      const word = await api.word(accepted(await promote()).sequence);
      assert.equal('attempt' in word && word.attempt, 2);
    });
  });

  describe('a rollback', () => {
    const image = (tag: string, digest?: string) => ({ repository, tag, ...(digest && { digest }) });
    const rollback = (station = 'prod') => api.handlers.rollback({ track: app, station }, 'bob');

    /** 1.2.0 is at prod, where these have arrived, the newest first. */
    function arrivedAtProd(...images: ReturnType<typeof image>[]): void {
      const ride = api.ride(app);
      const order = { ticket: 'b', pushedAt: since, sequence: 2 };
      const standing = { prod: { ticket: 'b', image: image('1.2.0', digest('b')), applications: {} } };
      const prod = images.map((each) => ({ order, image: each, at: since }));
      const lane = { newest: order, entered: { prod: order }, standing, arrivals: { prod } };
      ride.state = { ...ride.state, lanes: { [repository]: lane } };
    }
    const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

    it('goes to what arrived there before what is there now, which may not have arrived itself', async () => {
      for (const arrived of [[image('1.2.0', digest('b')), image('1.1.0')], [image('1.1.0')]]) {
        arrivedAtProd(...arrived);
        const { sequence, ticket, image: to } = accepted(await rollback());
        assert.deepEqual([ticket, to], [ticketId(app, image('1.1.0')), `${repository}:1.1.0`]);
        const { image: back, attempt } = (await api.word(sequence)) as { image?: unknown; attempt?: unknown };
        assert.deepEqual([back, attempt], [image('1.1.0'), 1]);
      }
    });

    it('goes to the digest that had arrived before, if the same tag was pushed again', async () => {
      const before = image('1.2.0', digest('a'));
      arrivedAtProd(image('1.2.0', digest('b')), before, image('1.1.0'));
      const { sequence } = accepted(await rollback());
      const { image: back } = (await api.word(sequence)) as { image?: unknown };
      assert.deepEqual(back, before);
    });

    it('is refused where nothing arrived before what is there now', async () => {
      refused(await rollback(), 'NeverArrived', /nothing arrived at prod/);
      arrivedAtProd(image('1.2.0', digest('b')));
      refused(await rollback(), 'NeverArrived', /before what is there now/);
      refused(await rollback('moon'), 'StationUnknown', /moon/);
    });

    it('is refused at a junction, which names the Tracks where something can go back', async () => {
      const track = withStations({ dev: {}, world: { tracks: ['asia', 'america'] } }, { name: `${app}-world` });
      const { handlers } = new TestApi(stage.bus, [track]);
      const reply = await handlers.rollback({ track: track.name, station: 'world' }, 'bob');
      refused(reply, 'JunctionStation', /^world is a junction to asia, america$/);
    });

    it('is refused while another one runs there', async () => {
      arrivedAtProd(image('1.1.0'));
      const riding = api.open(app, '1.3.0');
      accepted(await rollback());
      api.change(riding, {}, { ...rollingBack, station: 'prod' });
      refused(await rollback(), 'RollbackRunning', new RegExp(`Ticket ${riding.id} takes prod back already`));
      api.change(riding, { lastStop: 'prod' }, riding.state);
      refused(await rollback(), 'RollbackRunning', new RegExp(riding.id));
    });
  });

  describe('a pause', () => {
    it('without a Track is a word on every Track before its reply', async () => {
      const reply = accepted(await api.handlers.pause({ message: 'incident', id: 'all' }, 'bob'));
      assert.equal(reply.tracks, 2);
      for (const track of [app, other]) assert.equal(await api.words(track, 'pause'), 1);
      accepted(await api.handlers.pause({ message: 'incident', id: 'all' }, 'bob'));
      for (const track of [app, other]) assert.equal(await api.words(track, 'pause'), 1);
      assert.equal(accepted(await api.handlers.resume({}, 'bob')).tracks, 2);
      for (const track of [app, other]) assert.equal(await api.words(track, 'resume'), 1);
    });

    it('ends only where there is one, or where a person holds a Station', async () => {
      const resume = (station?: string) => api.handlers.resume({ track: app, ...(station && { station }) }, 'bob');
      refused(await resume(), 'NotPaused', new RegExp(`^Track ${app} is not paused$`));
      refused(await api.handlers.resume({}, 'bob'), 'NotPaused', new RegExp(`Track ${other} is not paused`));
      const { sequence } = accepted(await api.handlers.pause({ track: app, station: 'prod' }, 'bob'));
      assert.equal(accepted(await resume('dev')).station, 'dev', 'the tracker has not taken the pause yet');
      const ride = api.ride(app);
      ride.state = { ...ride.state, pauses: { prod: { by: 'bob', at: since, sequence } } };
      refused(
        await resume('dev'),
        'NotPaused',
        new RegExp(`^${app}/dev is not paused; there is a pause of ${app}/prod$`),
      );
      refused(await resume(), 'NotPaused', new RegExp(`there is a pause of ${app}/prod$`));
      accepted(await resume('prod'));
      ride.state = { ...ride.state, pauses: { '': { by: 'bob', at: since, sequence } } };
      refused(await resume('prod'), 'NotPaused', new RegExp(`there is a pause of the Track ${app}$`));
      assert.equal(accepted(await api.handlers.resume({}, 'bob')).tracks, 1);
      const order = { ticket: 'a', pushedAt: since, sequence: 1 };
      const there = { ticket: 'a', image: { repository, tag: '1.0.0' }, arrivedAt: since };
      const request = {
        repository: 'https://git.test/x.git',
        branch: 'refs/heads/main',
        commit: sha('a'),
        image: there.image,
      };
      const tip = { revision: sha('b'), askedAt: since, answer: { relation: 'contains', namesImage: false } } as const;
      const standing = { dev: { ...there, applications: { 'argocd/dev': { request, tip } } } };
      ride.state = {
        ...{ ...ride.state, pauses: { '': { at: since, sequence } } },
        lanes: { [repository]: { newest: order, entered: {}, arrivals: {}, standing } },
      };
      accepted(await resume('dev'));
      accepted(await resume());
      refused(await resume('prod'), 'NotPaused', /prod is not paused$/);
    });

    it('is of a Station that the Track has', async () => {
      refused(await api.handlers.pause({ station: 'prod' }, 'bob'), 'RequestInvalid', /name the Track/);
      refused(await api.handlers.pause({ track: app, station: 'moon' }, 'bob'), 'StationUnknown', /moon/);
      assert.equal(accepted(await api.handlers.pause({ track: app, station: 'prod' }, 'bob')).station, 'prod');
    });
  });
});
