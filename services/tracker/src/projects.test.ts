import assert from 'node:assert/strict';
import type { Bus } from '@k8sta/bus';
import { isOnTrack, joinedProjects } from './projects.js';
import { decide } from './ride/decide.js';
import type { Input } from './ride/event.js';
import { anApplication, aTrack, policy, sha, started } from './ride/ride.fixture.js';
import { emptyTrack } from './ride/state.js';

const track = aTrack({ dev: ['dev'], prod: ['prod'] });

/** A Track, and what it reads of its projects. */
function reading() {
  const taken: string[] = [];
  let isAway = false;
  const bus = {
    stored: async (_type: string, { instance, name }: { instance: string; name: string }) => {
      if (isAway) throw new Error('NATS is away');
      return name === 'unknown' ? [] : [{ instance, namespace: 'argocd', name }];
    },
    last: async (_type: string, { instance, name }: { instance: string; name: string }) => ({
      data: { instance, namespace: 'argocd', name, uid: name, resourceVersion: '1', syncWindows: [] },
    }),
  } as unknown as Pick<Bus, 'stored' | 'last'>;
  const read = joinedProjects(bus, async (_track, input) => {
    if (input.type === 'project') taken.push(input.data.name);
  });
  let state = emptyTrack(track.name);
  const moment = { now: started, currentAsOf: {}, sourcesOf: () => [], maxPayload: 1024 * 1024 };
  const step = async (input: Input): Promise<string[]> => {
    const decision = decide(track, state, input, moment, policy);
    state = decision.state;
    taken.length = 0;
    await read(track, decision);
    return [...taken];
  };
  return {
    tick: () => step({ type: 'tick' }),
    sees: (name: string, project: string) =>
      step({ type: 'observed', data: anApplication(name, sha('0'), { project }) }),
    away(is: boolean) {
      isAway = is;
    },
    isOnTrack: (name: string, instance = 'default') => isOnTrack(state, { instance, name }),
  };
}

describe('the projects of a Track', () => {
  it('are read when an Application has joined one, and not again while it stays', async () => {
    const line = reading();
    assert.deepEqual(await line.sees('dev', 'shop'), ['shop']);
    assert.deepEqual(await line.sees('dev', 'shop'), []);
    assert.deepEqual(await line.sees('prod', 'platform'), ['shop', 'platform']);
    assert.deepEqual(await line.sees('dev', 'unknown'), ['platform']);
    assert.deepEqual(await line.sees('dev', 'shop'), ['shop', 'platform'], 'it may have changed in the meantime');
  });

  it('are read again after a failure', async () => {
    const line = reading();
    line.away(true);
    await assert.rejects(line.sees('dev', 'shop'), /NATS is away/);
    line.away(false);
    assert.deepEqual(await line.tick(), ['shop']);
    assert.deepEqual(await line.tick(), []);
  });

  it('are those that its Applications belong to, of the same Argo CD', async () => {
    const line = reading();
    await line.sees('dev', 'shop');
    assert.deepEqual(
      [line.isOnTrack('shop'), line.isOnTrack('platform'), line.isOnTrack('shop', 'edge')],
      [true, false, false],
    );
  });
});
