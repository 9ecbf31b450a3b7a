import assert from 'node:assert/strict';
import type { DataOf } from '@k8sta/contracts';
import { anApplication, aTrack, repository, sha, TestTrack } from './ride.fixture.js';
import type { Promotion } from './state.js';

const source = { repository: 'https://git.test/acme/deploy.git', targetRevision: 'main', path: 'apps/dev' };

function pushed(change: Partial<DataOf<'application.observed'>>): Promotion | undefined {
  const line = new TestTrack(aTrack({ dev: ['dev'] }));
  line.observe(anApplication('dev', sha('0'), change));
  line.current();
  line.push('1.0.0');
  return line.live('1.0.0').promotion;
}

describe('a request for a promotion', () => {
  it('contains the running images of the repository, and the overrides of the source', () => {
    const overrides = [{ kind: 'kustomizeImages' as const, value: 'acme/storefront:0.9.0' }];
    const images = ['redis:7', 'acme/storefront:0.9.0', 'not an image!'];
    const [request] =
      pushed({ sources: [{ ...source, overrides }], images })?.parts.map(({ request }) => request) ?? [];
    const [application] = request?.applications ?? [];
    assert.equal(application?.image.repository, repository);
    assert.deepEqual(application?.runs, ['acme/storefront:0.9.0']);
    assert.deepEqual(application?.sources, [{ path: 'apps/dev', overrides }]);
  });

  it('names what may stand in for the image, and so does every question about it', () => {
    const aliases = ['mirror.example.com/storefront'];
    const track = aTrack({ dev: ['dev'] });
    const line = new TestTrack({ ...track, images: track.images.map((each) => ({ ...each, aliases })) });
    const images = ['mirror.example.com/storefront:0.9.0'];
    line.observe(anApplication('dev', sha('0'), { images }));
    line.current();
    line.push('1.0.0');
    const [application] = line.promotion('1.0.0').parts[0]?.request.applications ?? [];
    assert.deepEqual([application?.image.aliases, application?.runs], [aliases, images]);
    line.commit('1.0.0', sha('1'));
    line.observe(anApplication('dev', sha('1')));
    assert.deepEqual(
      line.last?.questions.map(({ request }) => request.image.aliases),
      [aliases],
    );
  });

  it('waits while it would be too large for NATS, and is made once NATS accepts it', () => {
    const line = new TestTrack(aTrack({ dev: ['dev'] }));
    line.observe(anApplication('dev', sha('0')));
    line.current();
    line.sourcesOf = () =>
      Array.from({ length: 3_000 }, (_, at) => ({
        ...{ namespace: 'team', name: `shop-${at}`, branch: 'refs/heads/main' },
        source: { type: 'Kustomize', path: `apps/shop-${at}/overlays/prod` },
      }));
    line.push('1.0.0');
    assert.equal(line.where('1.0.0'), 'waiting RequestTooLarge');
    assert.match(line.message('1.0.0'), /sources of 3000 other Applications .* max_payload/);
    assert.equal(line.last?.wakeAt, line.now.getTime() + 60_000);
    line.maxPayload *= 2;
    line.later(60_000).tick();
    assert.equal(line.promotion('1.0.0').parts[0]?.request.protectedSources.length, 3_000);
  });

  it('treats a revision of digits as a branch, which may be named by its date', () => {
    const branchOf = (targetRevision: string) =>
      pushed({ sources: [{ ...source, targetRevision }] })?.parts[0]?.request.branch;
    assert.equal(branchOf('20251103'), 'refs/heads/20251103');
    for (const commit of ['1a2b3c4', '1'.repeat(40)]) assert.equal(branchOf(commit), undefined, commit);
  });

  it('protects the path of every other observed Application on the branch, on the Track or not, once', () => {
    const line = new TestTrack(aTrack({ dev: ['dev'], prod: ['prod'] }));
    line.observe(anApplication('dev', sha('0')), anApplication('prod', sha('0')));
    line.current();
    const other = (name: string, path: string, branch?: string) => ({
      ...{ namespace: 'team', name, branch, source: { type: 'Kustomize', path } },
    });
    line.sourcesOf = (repository) =>
      repository === 'git.test/acme/deploy'
        ? [
            other('one', 'shared/base', 'refs/heads/main'),
            other('two', 'shared/base', 'refs/heads/main'),
            other('three', 'elsewhere', 'refs/heads/release'),
            other('four', 'by-head'),
            { ...other('dev', 'apps/dev', 'refs/heads/main'), namespace: 'argocd' },
          ]
        : [];
    line.push('1.0.0');
    const [part] = line.promotion('1.0.0').parts;
    assert.deepEqual(
      part?.request.protectedSources.map(({ station, name, source }) => [station, name, source.path]),
      [
        ['prod', 'prod', 'apps/prod'],
        [undefined, 'one', 'shared/base'],
        [undefined, 'four', 'by-head'],
      ],
    );
  });
});
