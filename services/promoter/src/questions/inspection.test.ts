import assert from 'node:assert/strict';
import { ElsewhereFault, type Git, RemoteFault } from '../git/git.js';
import { refuse } from '../part.js';
import { inspectionAnswerer } from './inspection.js';

const image = { repository: 'ghcr.io/acme/storefront', tag: '0.0.0-inspection' };
const application = { namespace: 'argocd', name: 'dev', sources: [{ path: 'apps/dev' }], sourceIndex: 0, image };
const question = {
  repository: 'https://git.example.com/acme/config.git',
  applications: [application],
  protectedSources: [],
};

function answerer(inspect: Git['inspect'], isAllowed: (name: string) => boolean = () => true) {
  return inspectionAnswerer({
    git: { inspect },
    isAllowed,
    now: () => new Date('2026-01-01T00:00:00Z'),
    budgetMs: 10_000,
  });
}

describe('an inspection', () => {
  it('plans as for a promotion, and names the file that would be edited', async () => {
    const file = 'apps/dev/kustomization.yaml';
    const applications = [{ namespace: 'argocd', name: 'dev', file, outcome: 'edited' as const }];
    const answer = answerer(async ({ name }, part) => {
      assert.equal(name, 'git.example.com/acme/config');
      assert.deepEqual(part.applications, [application]);
      return { is: 'ready', branch: 'refs/heads/main', tip: 'a'.repeat(40), applications, replaces: [] };
    });
    assert.deepEqual(await answer(question), { is: 'possible', applications });
  });

  it('names the refusal that a promotion would get', async () => {
    const answer = answerer(async () => refuse('SharedFile', 'prod reads it too'));
    assert.deepEqual(await answer(question), { is: 'refused', reason: 'SharedFile', message: 'prod reads it too' });
  });

  it('refuses a repository that is not allowed or has no usable address', async () => {
    const never = () => assert.fail('the repository must not be read');
    const reply = async (spelled: string, isAllowed = true) =>
      answerer(never, () => isAllowed)({ ...question, repository: spelled });
    for (const { is, reason } of [await reply(question.repository, false), await reply('file:///srv/git/a/b.git')]) {
      assert.deepEqual([is, reason], ['refused', 'RepositoryNotAllowed']);
    }
  });

  it('is unknown when the remote fails, and does not try the remote again at once', async () => {
    let asked = 0;
    const answer = answerer(() => {
      asked++;
      return Promise.reject(new RemoteFault('the remote did not answer'));
    });
    const unknown = { is: 'unknown', message: 'the remote did not answer' };
    assert.deepEqual(await answer(question), unknown);
    assert.deepEqual(await answer(question), unknown);
    assert.equal(asked, 1, 'a remote that has just failed is not tried again');
  });

  it('goes on for other builds when a repository that one of them reads fails', async () => {
    let asked = 0;
    const answer = answerer(async () => {
      if (++asked > 1) return refuse('SharedFile', 'prod reads it too');
      throw new ElsewhereFault('the chart cannot be read', { repository: 'git.example.com/acme/chart', readers: [] });
    });
    const elsewhere = { repository: 'https://git.example.com/acme/chart', revision: 'v1' };
    const reader = { ...question, applications: [{ ...application, sources: [{ path: 'web', elsewhere }] }] };
    const unknown = { is: 'unknown', message: 'the chart cannot be read' };
    assert.deepEqual(await answer(reader), unknown);
    assert.deepEqual(await answer(reader), unknown);
    assert.equal(asked, 1);
    assert.equal((await answer(question)).is, 'refused');
  });
});
