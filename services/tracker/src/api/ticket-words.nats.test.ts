import assert from 'node:assert/strict';
import { type Ticket, ticketId } from '@k8sta/contracts';
import { started } from '../ride/ride.fixture.js';
import {
  type ApiStage,
  accepted,
  apiForEach,
  failed,
  gatedTrack,
  refused,
  rollingBack,
  since,
  TestApi,
} from './api.fixture.js';

describe('words about Tickets', () => {
  let stage: ApiStage;
  let api: TestApi;
  let app: string;
  let other: string;

  apiForEach((next) => {
    ({ stage, api, app, other } = next);
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

    it('that has ended takes no more words', async () => {
      const { id } = await api.end(api.open(app, '1.0.0'), failed);
      for (const verb of ['cancel', 'express', 'approve'] as const) {
        refused(await api.handlers[verb]({ ticket: id }, 'alice'), 'TicketOver', /has ended/);
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
      const merging = new TestApi(stage.bus, [track]);
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
});
