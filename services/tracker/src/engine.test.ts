import assert from 'node:assert/strict';
import type { ApplicationSource } from '@k8sta/applications';
import type { Bus } from '@k8sta/bus';
import { createEngine } from './engine.js';

import type { Input } from './ride/event.js';
import { anApplication, aTrack, idOf, policy, repository, sha, started } from './ride/ride.fixture.js';
import { OtherTracks } from './store/current-tracks.js';
import type { TrackDocument } from './store/document.js';
import type { TrackKeeper } from './store/track-keeper.js';

const outside: ApplicationSource = {
  namespace: 'argocd',
  name: 'outside',
  branch: 'refs/heads/main',
  source: { path: 'shared' },
};

/** Keeps the documents in memory only. */
function inMemory(): TrackKeeper & { readonly saved: TrackDocument[] } {
  const saved: TrackDocument[] = [];
  const last = async () => saved.at(-1);
  return {
    ...{ saved, load: last, current: last, reload: last, postpone: async () => true, hasEnded: async () => false },
    stored: async () => [],
    async save({ document }) {
      saved.push(document);
      return true;
    },
    distrust() {},
  };
}

/** The bus holds one project, with one sync window. */
function busWithProject(): Pick<Bus, 'stored' | 'last'> {
  const tokens = { instance: 'default', namespace: 'argocd', name: 'default' };
  const syncWindows = [{ kind: 'deny', schedule: '* * * * *', duration: '1h' }];
  const data = { ...tokens, uid: 'p', resourceVersion: '1', observedAt: started.toISOString(), syncWindows };
  return { stored: async () => [tokens], last: async () => ({ data }) } as unknown as Pick<Bus, 'stored' | 'last'>;
}

/** An engine whose directory of sources has changed since it was read last. */
function anEngine() {
  const keeper = inMemory();
  let lastRead = (_repository: string): readonly ApplicationSource[] => [];
  const stored = () => [outside];
  let reads = 0;
  const track = aTrack({ dev: ['dev'] });
  const engine = createEngine({
    current: { isCurrent: () => true, confirm: async () => true, refusal: () => new OtherTracks() },
    owners: { isOurs: () => true },
    ...{ tracks: [track], keeper, policy, now: () => started },
    bus: {
      ask: async () => undefined,
      maxPayload: () => 1024 * 1024,
      state: { get: async () => undefined } as never,
      ...busWithProject(),
    },
    freshness: { currentAsOf: () => ({ default: started.toISOString() }) },
    directory: {
      lastRead: () => lastRead,
      async sources() {
        reads++;
        lastRead = stored;
        return stored;
      },
    },
    metrics: { saw() {}, took() {}, stepped() {} },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  });
  return { keeper, engine, track, take: (input: Input) => engine.take(track, input), reads: () => reads };
}

describe('the engine', () => {
  it('requests a commit by the sources that are stored now, whatever it read before', async () => {
    const { keeper, take, reads } = anEngine();
    await take({ type: 'observed', data: anApplication('dev', sha('0')) });
    assert.equal(reads(), 0, 'a step that plans no promotion does not ask');
    const image = { repository, tag: '1.0.0' };
    const data = {
      ticket: idOf('1.0.0'),
      track: 'storefront',
      image,
      sender: 'dockerhub',
      pushedAt: started.toISOString(),
    };
    await take({ type: 'open', data, sequence: 1, receivedAt: started.toISOString() });
    const requests = keeper.saved.at(-1)?.outbox.events.filter(({ type }) => type === 'promotion.requested');
    const { source, name, namespace } = outside;
    assert.deepEqual(
      requests?.map(({ data }) => (data as { protectedSources: unknown }).protectedSources),
      [[{ namespace, name, source }]],
    );
    assert.equal(keeper.saved.length, 3, 'the observation, its project and the Ticket');
  });

  it('knows the sync windows of a project as soon as an Application of it is observed', async () => {
    const { keeper, take } = anEngine();
    await take({ type: 'observed', data: anApplication('dev', sha('0')) });
    const { projects } = keeper.saved.at(-1)?.state ?? {};
    assert.equal(projects?.['default/default']?.syncWindows.length, 1);
  });

  it('remembers a Track whose input it could not take to its end, until the next step', async () => {
    const { keeper, engine, track, take } = anEngine();
    const { save } = keeper;
    // As when the bus goes away between the save and what it publishes.
    keeper.save = async (saving) => {
      await save(saving);
      throw new Error('TIMEOUT');
    };
    await assert.rejects(take({ type: 'observed', data: anApplication('dev', sha('0')) }), /TIMEOUT/);
    assert.deepEqual(engine.unfinished(), [track]);
    keeper.save = save;
    await take({ type: 'tick' });
    assert.deepEqual(engine.unfinished(), []);
  });
});
