import assert from 'node:assert/strict';
import { normaliseGitUrl } from '@k8sta/contracts';
import { until } from '@k8sta/sandbox';
import { image, Stage } from '../promoter.fixture.js';
import { relationAnswerer } from './relation.js';

describe('a question about history, while the remote hangs', () => {
  let stage: Stage;

  before(async () => {
    stage = await Stage.start();
  });
  after(() => stage.stop());

  it('is answered from the mirror, even if all promotions that a repository may have at once hang', async () => {
    const repository = await stage.repository();
    const replica = stage.replica();
    const base = await repository.tip();
    const committed = await stage.answer(replica, stage.request(repository));
    assert.ok(committed.is === 'committed');
    let hanging = 0;
    stage.server.intercept(() => {
      hanging++;
      return 'hang';
    });
    const at = { name: normaliseGitUrl(repository.url), address: repository.url };
    const part = {
      ...{ id: 'other/dev/1/0', ticket: 'other', track: 'storefront', station: 'dev', branch: 'refs/heads/main' },
      ...{ applications: [], protectedSources: [], requestedAt: new Date().toISOString() },
    };
    for (let hung = 0; hung < 8; hung++) void replica.git.plan(at, [part]).catch(() => {});
    await until(() => hanging >= 6);
    // Less than any time-out of the remote.
    const ask = relationAnswerer({ git: replica.git, isAllowed: () => true, budgetMs: 5_000 });
    const question = { repository: repository.url, branch: 'refs/heads/main', image };
    assert.deepEqual(await ask({ ...question, commit: committed.revision, revision: base }), { relation: 'behind' });
    assert.deepEqual(await ask({ ...question, commit: base, revision: committed.revision }), { relation: 'contains' });
  });
});
