import assert from 'node:assert/strict';
import { anApplication, aTrack, TestTrack } from '../ride/ride.fixture.js';
import { before, fresh, health, old, ours, over, Watched } from './sequence.fixture.js';

describe('the health that is seen after our commit', () => {
  it('Degraded: a grace from the first Degraded, forgiven when Healthy returns', () => {
    const degraded = { ...over, ...fresh, ...health('Degraded', 'crash loop') };
    new Watched()
      .sees(ours, degraded)
      .waits(/Degraded: crash loop/)
      .later(119_999)
      .sees(ours, { ...over, ...fresh })
      .arrived();
    new Watched()
      .sees(ours, degraded)
      .later(100_000)
      .sees(ours, { ...over, ...fresh, ...health('Progressing') })
      .later(1_000)
      .sees(ours, degraded)
      .later(119_000)
      .waits(/Degraded/)
      .later(1_000)
      .failed(/Degraded: crash loop \(since 2026-03-01T12:01:41/);
  });

  it('Degraded by what our commit mends has the whole grace after the sync', () => {
    new Watched()
      .sees(old, { ...before, ...health('Degraded', 'crash loop') })
      .later(600_000)
      .sees(ours, { ...over, ...fresh, ...health('Degraded', 'crash loop') })
      .waits(/Degraded: crash loop/)
      .later(119_999)
      .waits(/Degraded: crash loop/)
      .later(1)
      .failed(/Degraded: crash loop \(since 2026-03-01T12:10:00/);
  });

  it('Suspended waits for somebody; Missing and Unknown wait for the deadline', () => {
    new Watched()
      .sees(ours, { ...over, ...fresh, ...health('Suspended') })
      .waits(/Suspended; it continues when somebody resumes it/)
      .sees(ours, { ...over, ...fresh, ...health('Missing') })
      .waits(/Missing/)
      .sees(ours, { ...over, ...fresh, ...health('Unknown') })
      .later(1_800_000)
      .failed(/not arrived at dev by .*: argocd\/dev: Unknown/);
  });

  it('Healthy flips to Progressing after it has arrived: latched', () => {
    const line = new TestTrack(aTrack({ dev: ['a', 'b'] }));
    line.observe(anApplication('a', old), anApplication('b', old));
    line.current();
    line.push('1.0.0');
    line.commit('1.0.0', ours);
    const arrive = (name: string) => {
      line.observe(anApplication(name, ours));
      return line.answer('1.0.0', name, ours, { relation: 'same', namesImage: true });
    };
    arrive('a');
    line.observe(anApplication('a', ours, health('Progressing')));
    assert.ok(arrive('b').some(({ type }) => type === 'completed'));
  });
});
