import assert from 'node:assert/strict';
import { eventId, gitRelation, promotionWanted, type Service, trackerPresence } from '@k8sta/contracts';
import { type NatsServer, startNats } from '@k8sta/sandbox';
import { quiet } from './bus.fixture.js';
import { type Bus, connectBus } from './bus.js';
import { Undeclared } from './declared.js';
import { done } from './outcome.js';

describe('an undeclared use of the bus', () => {
  let nats: NatsServer;
  let tracker: Bus;
  let watcher: Bus;

  before(async () => {
    nats = await startNats();
    const connect = (service: Service, instance?: string) =>
      connectBus({ service, ...(instance && { instance }), connection: { servers: nats.url }, log: quiet });
    tracker = await connect('tracker');
    watcher = await connect('argo-watcher', 'eu');
  });
  after(async () => {
    await watcher?.close();
    await tracker?.close();
    await nats?.stop();
  });

  it('is refused where an event may be published only with certain tokens', async () => {
    const ingest = await connectBus({ service: 'ingest', connection: { servers: nats.url }, log: quiet });
    const word = { track: 'app', by: 'ci', at: '2026-01-01T00:00:00Z' };
    const publish = (verb: 'check' | 'pause') =>
      ingest.publish({ type: 'operator.word', id: eventId('operator.word', verb), data: { ...word, verb } });
    await publish('check');
    await assert.rejects(publish('pause'), refused(/ingest publishes operator\.word on k8sta\.operator\.app\.pause/));
    await ingest.close();
  });

  const refused = (words: RegExp) => (error: Error) => {
    assert.ok(error instanceof Undeclared, error.stack);
    assert.match(error.message, words);
    return true;
  };

  it('is refused by each method, also on a bus without users, with the place to declare it', async () => {
    const event = { type: 'ticket.opened', id: eventId('ticket.opened', 'a') } as Parameters<Bus['publish']>[0];
    const data = { instance: 'default', namespace: 'argocd', name: 'a' };
    await assert.rejects(
      watcher.publish(event),
      refused(/^argo-watcher-eu publishes ticket\.opened .*publishers in libs\/contracts\/src\/events/),
    );
    await assert.rejects(
      watcher.consume('ticket.opened', async () => done),
      refused(/consumes ticket\.opened .*consumers/),
    );
    await assert.rejects(watcher.hasHandled('ticket.opened', 1), refused(/consumes ticket\.opened/));
    await assert.rejects(watcher.last('project.observed', data), refused(/reads project\.observed .*readers/));
    await assert.rejects(watcher.since('project.observed', data, new Date(0)), refused(/reads project\.observed/));
    await assert.rejects(watcher.stored('project.observed', {}), refused(/reads project\.observed/));
    await assert.rejects(
      watcher.ask(gitRelation, {} as never, 1),
      refused(/asks k8sta\.git\.relation .*questions\.ts/),
    );
    assert.throws(
      () => tracker.answer(gitRelation, async () => ({ relation: 'same' as const })),
      refused(/answers k8sta\.git/),
    );
    assert.throws(
      () => watcher.announce(trackerPresence, { replica: 'a', files: 'a', is: 'here' }),
      refused(/announces k8sta\.replica\.tracker .*announcements\.ts/),
    );
    assert.throws(() => watcher.listen(trackerPresence, () => {}), refused(/announces k8sta\.replica\.tracker/));
    assert.throws(() => tracker.notices, refused(/uses the bucket of notices .*streams\.ts/));
    assert.throws(() => watcher.state, refused(/uses the state bucket .*streams\.ts/));
    await assert.rejects(watcher.serve({} as never), refused(/answers the API .*streams\.ts/));
    await assert.rejects(watcher.createdAt('K8STA'), refused(/uses the time of creation/));
  });

  it('does not include what the service declares', async () => {
    assert.equal(await watcher.last('application.gone', { instance: 'eu', namespace: 'argocd', name: 'a' }), undefined);
    assert.equal(await tracker.state.get('track.none'), undefined);
    tracker.answer(promotionWanted, async () => ({ wanted: true }));
    const notifier = await connectBus({ service: 'notifier', connection: { servers: nats.url }, log: quiet });
    const revision = await notifier.notices.replace('a', 'sent', 0);
    assert.equal(await notifier.notices.replace('a', 'again', 0), undefined);
    assert.deepEqual(await notifier.notices.get('a'), { value: 'sent', revision });
    await notifier.close();
  });
});
