import assert from 'node:assert/strict';
import { type Bus, connectBus } from '@k8sta/bus';
import { type ApiRefusal, type Ticket, ticketId } from '@k8sta/contracts';
import { type NatsServer, startNats } from '@k8sta/sandbox';
import { repository, sha, started } from '../ride/ride.fixture.js';
import { gatedTrack, TestApi } from './api.fixture.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const since = started.toISOString();
const failed: Ticket['state'] = { is: 'failed', station: 'prod', reason: 'Degraded', message: 'it is', since };
const rollingBack: Extract<Ticket['state'], { is: 'rollingBack' }> = {
  ...{ is: 'rollingBack', station: 'dev', promotion: 'p', to: `${repository}:0.9.0`, notAfter: since, since },
  ...{ failure: { reason: 'Degraded', message: 'it is' }, reason: 'RollbackRequested', message: 'it is Degraded' },
};

/** The reply without a refusal. */
function accepted(reply: { ok: boolean; message?: unknown }) {
  assert.ok(reply.ok, String(reply.message));
  return reply as {
    ok: true;
    sequence: number;
    ticket?: string;
    track?: string;
    station?: string;
    image?: string;
    tracks?: number;
  };
}

function refused(reply: object, reason: ApiRefusal, words: RegExp): void {
  const { ok, reason: given, message } = reply as { ok: boolean; reason?: string; message?: string };
  assert.deepEqual([ok, given], [false, reason], message);
  assert.match(message ?? '', words);
}

describe('the API of the tracker', () => {
  let nats: NatsServer;
  let bus: Bus;
  let api: TestApi;

  before(async () => {
    nats = await startNats();
    bus = await connectBus({ service: 'tracker', connection: { servers: nats.url }, log: quiet });
    await bus.state.get('track.none');
  });
  after(async () => {
    await bus?.close();
    await nats?.stop();
  });
  let tests = 0;
  let app: string;
  let other: string;
  beforeEach(() => {
    // Each test has Tracks of its own, so that it sees only its own words.
    tests++;
    [app, other] = [`app-${tests}`, `other-${tests}`];
    const gates = { approval: { count: 1, by: ['alice'] }, checks: [{ name: 'smoke', of: 'dev', timeoutMs: 60_000 }] };
    api = new TestApi(bus, [gatedTrack(app, gates), gatedTrack(other)]);
  });

  describe('a word', () => {
    it('is stored before its reply, with who says it and why', async () => {
      const { id } = api.open(app, '1.0.0');
      const reply = accepted(await api.handlers.cancel({ ticket: id, message: 'wrong image' }, 'bob'));
      assert.deepEqual([reply.track, reply.ticket], [app, id]);
      assert.deepEqual(await api.word(reply.sequence), {
        ...{ track: app, verb: 'cancel', by: 'bob', message: 'wrong image', at: since, ticket: id },
      });
    });

    it('is of the person that the board speaks for, and nobody else speaks for others', async () => {
      const { id } = api.open(app, '1.0.0');
      const asked = { ticket: id, onBehalfOf: 'alice@example.com' };
      assert.equal(
        (await api.word(accepted(await api.handlers.cancel(asked, 'board')).sequence)).by,
        'alice@example.com',
      );
      refused(await api.handlers.cancel(asked, 'bob'), 'ActorRefused', /bob may not speak for alice@example.com/);
      refused(await api.handlers.tracks({ onBehalfOf: 'alice' }, 'bob'), 'ActorRefused', /only the board/);
    });

    it('is said once if its request is repeated with the same id, whatever has become of the Ticket', async () => {
      const ticket = api.open(app, '1.0.0');
      const request = { ticket: ticket.id, id: 'one' };
      const first = await api.handlers.cancel(request, 'bob');
      assert.deepEqual(await api.handlers.cancel(request, 'bob'), first);
      await api.end(ticket, failed);
      assert.deepEqual(await api.handlers.cancel(request, 'bob'), first);
      refused(await api.handlers.cancel(request, 'alice'), 'TicketOver', /is failed at prod/);
      assert.equal(await api.words(app, 'cancel'), 1);
    });

    it('is stored only by a tracker whose tracks files are current', async () => {
      const { id } = api.open(app, '1.0.0');
      api.isCurrent = false;
      await assert.rejects(api.handlers.cancel({ ticket: id }, 'bob'), { code: 503, message: /other tracks files/ });
      await assert.rejects(api.handlers.pause({}, 'bob'), { code: 503 });
      assert.equal(await api.words(app, 'cancel'), 0);
    });

    it('is said each time without an id', async () => {
      accepted(await api.handlers.pause({ track: app }, 'bob'));
      accepted(await api.handlers.pause({ track: app }, 'bob'));
      assert.equal(await api.words(app, 'pause'), 2);
    });
  });

  describe('a Ticket', () => {
    it('is found by how its id begins, unless several begin so', async () => {
      const tickets = Array.from({ length: 30 }, (_, patch) => api.open(app, `1.0.${patch}`));
      const [{ id } = { id: '' }] = tickets;
      const reply = accepted(await api.handlers.cancel({ ticket: id.slice(0, 8) }, 'bob'));
      assert.equal(reply.ticket, id);
      const letters = new Map<string, Ticket[]>();
      for (const each of tickets) letters.set(each.id.charAt(0), [...(letters.get(each.id.charAt(0)) ?? []), each]);
      const [letter = ''] = [...letters].find(([, those]) => those.length > 1) ?? [];
      refused(await api.handlers.cancel({ ticket: letter }, 'bob'), 'TicketAmbiguous', /several Tickets begin with/);
      refused(await api.handlers.cancel({ ticket: 'zzzz' }, 'bob'), 'TicketUnknown', /no Ticket "zzzz"/);
      refused(await api.handlers.cancel({ ticket: id, track: other }, 'bob'), 'TicketUnknown', /on other/);
      refused(await api.handlers.cancel({ ticket: id, track: 'nope' }, 'bob'), 'TrackUnknown', /no Track "nope"/);
    });

    it('that has ended is listed, shown and found by how its id begins, but not changed', async () => {
      const ticket = await api.end(api.open(app, '1.0.0'), failed);
      const open = api.open(app, '2.0.0');
      const listed = async (request: Parameters<typeof api.handlers.tickets>[0]) => {
        const reply = await api.handlers.tickets(request, 'bob');
        return 'tickets' in reply ? (reply.tickets as Ticket[]).map(({ id }) => id) : assert.fail(reply.message);
      };
      assert.deepEqual(await listed({ track: app }), [open.id]);
      assert.deepEqual((await listed({ track: app, ended: true })).sort(), [open.id, ticket.id].sort());
      assert.deepEqual(await listed({ track: other, ended: true }), []);
      const shown = await api.handlers.ticket({ ticket: ticket.id.slice(0, 6) }, 'bob');
      assert.deepEqual([shown.ok, (shown as { ticket?: Ticket }).ticket?.state.is], [true, 'failed']);
      for (const verb of ['cancel', 'express', 'approve'] as const) {
        refused(await api.handlers[verb]({ ticket: ticket.id }, 'alice'), 'TicketOver', /has ended/);
      }
    });

    it('is approved by those whom the gate names, at the Station that has one', async () => {
      const { id } = api.open(app, '1.0.0');
      const approve = (by: string, station?: string) =>
        api.handlers.approve({ ticket: id, ...(station && { station }) }, by);
      refused(await approve('bob', 'prod'), 'NotAnApprover', /bob cannot approve prod: alice can/);
      refused(await approve('alice'), 'NoApprovalGate', /Station dev/);
      refused(await approve('alice', 'moon'), 'StationUnknown', /no Station "moon"; it has dev, prod/);
      const { sequence } = accepted(await approve('alice', 'prod'));
      assert.deepEqual(await api.word(sequence), {
        ...{ track: app, verb: 'approve', by: 'alice', at: since, ticket: id, station: 'prod' },
      });
      api.change(api.ride(app).state.tickets[id]?.ticket ?? assert.fail(), { approvals: { prod: ['alice'] } });
      refused(await approve('alice', 'prod'), 'AlreadyApproved', /alice has approved Ticket/);
    });

    it('is not approved by a word where the merge of its pull request is the approval', async () => {
      const track = gatedTrack('merging', { approval: { count: 1, byMerge: true } });
      const merging = new TestApi(bus, [track]);
      const { id } = merging.open(track.name, '1.0.0');
      const reply = await merging.handlers.approve({ ticket: id, station: 'prod' }, 'alice');
      refused(reply, 'NoApprovalGate', /the merge of its pull request is the approval for Station prod/);
    });

    it('is checked under the names of the checks of the Station', async () => {
      const ticket = api.open(app, '1.0.0');
      const { id } = ticket;
      const check = (station: string, name: string) =>
        api.handlers.check({ ticket: id, station, name, outcome: 'passed' }, 'ci');
      refused(await check('prod', 'load'), 'CheckUnknown', /no check "load"; it has smoke/);
      refused(await check('dev', 'smoke'), 'CheckUnknown', /it has none/);
      refused(await check('prod', 'smoke'), 'CheckNotRequested', /once the Ticket has arrived at dev; it is waiting/);
      const earlier = new Date(started.getTime() - 1_000).toISOString();
      api.change(ticket, { checks: { 'prod/smoke': { until: earlier } } });
      refused(await check('prod', 'smoke'), 'CheckTooLate', new RegExp(`until ${earlier}`));
      api.change(ticket, { checks: { 'prod/smoke': { until: since } } });
      const word = await api.word(accepted(await check('prod', 'smoke')).sequence);
      assert.deepEqual([word.verb, 'outcome' in word && word.outcome], ['check', 'passed']);
      api.change(ticket, { checks: { 'prod/smoke': { until: earlier, outcome: 'passed', by: 'ci' } } });
      accepted(await check('prod', 'smoke'));
    });

    it('that is about to end takes no more words', async () => {
      const ticket = api.open(app, '1.0.0');
      const words = async (reason: RegExp) => {
        const { id } = ticket;
        refused(await api.handlers.cancel({ ticket: id }, 'alice'), 'TicketEnding', reason);
        refused(await api.handlers.express({ ticket: id }, 'alice'), 'TicketEnding', reason);
        refused(await api.handlers.approve({ ticket: id, station: 'prod' }, 'alice'), 'TicketEnding', reason);
      };
      api.change(ticket, { ending: { is: 'cancelled', by: 'bob', message: 'bob cancelled it' } });
      await words(/is about to be cancelled: bob cancelled it/);
      api.change(ticket, { ending: { is: 'paused', message: 'bob paused dev' } });
      accepted(await api.handlers.cancel({ ticket: ticket.id }, 'alice'));
      api.change(ticket, {}, rollingBack);
      await words(/^dev goes back to docker.io\/acme\/storefront:0.9.0: /);
    });

    it('goes by express only to a Station that is ahead of it', async () => {
      const { id } = api.open(app, '1.0.0');
      accepted(await api.handlers.express({ ticket: id, station: 'prod' }, 'bob'));
      accepted(await api.handlers.express({ ticket: id }, 'bob'));
      const ride = api.ride(app);
      const live = ride.state.tickets[id] ?? assert.fail();
      const state = {
        is: 'waiting',
        at: 'dev',
        next: 'prod',
        on: 'block',
        reason: 'BlockHeld',
        message: '',
        since,
      } as const;
      ride.state = { ...ride.state, tickets: { [id]: { ...live, ticket: { ...live.ticket, state } } } };
      refused(await api.handlers.express({ ticket: id, station: 'dev' }, 'bob'), 'AlreadyArrived', /it is at dev/);
      const { next: _last, ...soaking } = { ...state, at: 'prod', on: 'soak', reason: 'Soaking' } as const;
      api.change(live.ticket, {}, soaking);
      refused(await api.handlers.express({ ticket: id }, 'bob'), 'AlreadyArrived', /no Station left .* it is at prod/);
    });
  });

  describe('a retry', () => {
    const record = (station: string, arrivedAt?: string): Ticket['stations'][number] => ({
      ...{ station, attempt: 1, parts: 1, requestedAt: since, commits: [] },
      ...(arrivedAt && { arrivedAt }),
    });

    it('is the next attempt of a Ticket that has ended, where it failed', async () => {
      const { id, image } = await api.end(api.open(app, '1.0.0'), failed);
      const reply = accepted(await api.handlers.retry({ ticket: id }, 'bob'));
      assert.equal(reply.ticket, ticketId(app, image, 2));
      assert.deepEqual(await api.word(reply.sequence), {
        ...{ track: app, verb: 'retry', by: 'bob', at: since, ticket: id, image, attempt: 2, station: 'prod' },
      });
    });

    it('starts where a superseded Ticket waited', async () => {
      const superseded: Ticket['state'] = { is: 'superseded', by: 'x', reason: 'NewerTicket', message: 'newer', since };
      const arrived = await api.end(api.open(app, '1.0.0'), superseded, [record('dev', since)]);
      assert.equal(accepted(await api.handlers.retry({ ticket: arrived.id }, 'bob')).station, 'prod');
      const never = await api.end(api.open(app, '1.1.0'), superseded, [record('dev')]);
      assert.equal(accepted(await api.handlers.retry({ ticket: never.id }, 'bob')).station, 'dev');
    });

    it('is refused of a Ticket that is on its way, or completed, or whose next attempt is on its way', async () => {
      const ticket = api.open(app, '1.0.0');
      refused(await api.handlers.retry({ ticket: ticket.id }, 'bob'), 'TicketNotOver', /has not ended/);
      await api.end(ticket, failed);
      // Another attempt of the same image, which another operator has opened.
      const ride = api.ride(app);
      const second = { ...ticket, id: ticketId(app, ticket.image, 2) };
      ride.state = { ...ride.state, tickets: { [second.id]: { ticket: second } } };
      refused(await api.handlers.retry({ ticket: ticket.id }, 'bob'), 'TicketNotOver', new RegExp(second.id));
      const completed = await api.end(api.open(other, '1.0.0'), { is: 'completed', since });
      refused(await api.handlers.retry({ ticket: completed.id }, 'bob'), 'TicketCompleted', /last Station/);
    });
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

  it('takes a Station back only if something else arrived there before', async () => {
    const rollback = (station = 'prod') => api.handlers.rollback({ track: app, station }, 'bob');
    refused(await rollback(), 'NeverArrived', /nothing arrived at prod/);
    const ride = api.ride(app);
    const order = (ticket: string) => ({ ticket, pushedAt: since, sequence: 2 });
    const image = (tag: string) => ({ repository, tag });
    const standing = { prod: { ticket: 'b', image: image('1.2.0'), applications: {} } };
    const set = (...tags: string[]) => {
      const prod = tags.map((tag) => ({ order: order(tag), image: image(tag), at: since }));
      const lane = { newest: order('b'), entered: { prod: order('b') }, standing, arrivals: { prod } };
      ride.state = { ...ride.state, lanes: { [repository]: lane } };
    };
    set('1.2.0');
    refused(await rollback(), 'NeverArrived', /before what is there now/);
    set('1.2.0', '1.1.0');
    const { sequence, ticket, image: to } = accepted(await rollback());
    assert.deepEqual([ticket, to], [ticketId(app, image('1.1.0')), `${repository}:1.1.0`]);
    const { image: back, attempt } = (await api.word(sequence)) as { image?: unknown; attempt?: unknown };
    assert.deepEqual([back, attempt], [image('1.1.0'), 1]);
    // What is there now has not arrived.
    set('1.1.0');
    accepted(await rollback());
    refused(await rollback('moon'), 'StationUnknown', /moon/);
    const riding = api.open(app, '1.3.0');
    accepted(await rollback());
    api.change(riding, {}, { ...rollingBack, station: 'prod' });
    refused(await rollback(), 'RollbackRunning', new RegExp(`Ticket ${riding.id} takes prod back already`));
    api.change(riding, { lastStop: 'prod' }, riding.state);
    refused(await rollback(), 'RollbackRunning', new RegExp(riding.id));
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

  it('lists the Tracks, and shows one with its Stations', async () => {
    const ticket = api.open(app, '1.0.0');
    const since = '2026-01-01T00:00:00Z';
    const record = { station: 'dev', attempt: 1, parts: 1, requestedAt: since, commits: [], arrivedAt: since };
    await api.end(api.open(app, '0.9.0'), { is: 'completed', since }, [record]);
    const listed = await api.handlers.tracks({}, 'bob');
    assert.deepEqual(
      listed.ok && (listed.tracks as { name: string; tickets: number }[]).map((t) => [t.name, t.tickets]),
      [
        [app, 1],
        [other, 0],
      ],
    );
    const shown = await api.handlers.track({ track: app }, 'bob');
    assert.deepEqual(shown.ok && (shown.track as { stations: object[] }).stations, [
      {
        ...{ name: 'dev', applications: ['argocd/dev'], image: `${repository}:0.9.0`, arrivedAt: since },
        tickets: [ticket.id],
      },
      { name: 'prod', applications: ['argocd/prod'], tickets: [] },
    ]);
    refused(await api.handlers.track({ track: 'nope' }, 'bob'), 'TrackUnknown', /nope/);
  });

  it('bounds a list by its length and its bytes, and says how many it leaves out', async () => {
    for (let patch = 0; patch < 12; patch++)
      await api.end(api.open(app, `1.0.${patch}`), { ...failed, message: 'x'.repeat(100_000) });
    const reply = await api.handlers.tickets({ track: app, ended: true, limit: 10 }, 'bob');
    assert.ok(reply.ok);
    assert.ok(JSON.stringify(reply).length < 600_000);
    assert.equal((reply.tickets as object[]).length + Number(reply.more), 10);
  });
});
