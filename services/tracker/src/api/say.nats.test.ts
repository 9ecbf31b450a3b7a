import assert from 'node:assert/strict';
import { accepted, apiForEach, failed, refused, since, type TestApi } from './api.fixture.js';

describe('a word of an operator', () => {
  let api: TestApi;
  let app: string;

  apiForEach((next) => {
    ({ api, app } = next);
  });

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
