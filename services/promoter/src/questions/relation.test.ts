import assert from 'node:assert/strict';
import { type Git, RemoteFault } from '../git/git.js';
import { relationAnswerer } from './relation.js';

const question = {
  repository: 'https://git.example.com/acme/config.git',
  commit: 'a'.repeat(40),
  revision: 'b'.repeat(40),
  image: { repository: 'ghcr.io/acme/storefront', tag: '1.4.2' },
};

function answerer(
  relation: Git['relation'],
  { budgetMs = 10_000, isAllowed = () => true }: { budgetMs?: number; isAllowed?: () => boolean } = {},
) {
  return relationAnswerer({ git: { relation }, isAllowed, budgetMs });
}

describe('the answer to a relation question', () => {
  it('is what Git says', async () => {
    const asked: string[] = [];
    const answer = answerer(async ({ name }) => {
      asked.push(name);
      return { relation: 'contains', namesImage: true };
    });
    assert.deepEqual(await answer(question), { relation: 'contains', namesImage: true });
    assert.deepEqual(asked, ['git.example.com/acme/config']);
  });

  it('is unknown when the remote fails, with the reason', async () => {
    const answer = answerer(() => Promise.reject(new RemoteFault('the remote did not answer for 5 ms')));
    assert.deepEqual(await answer(question), { relation: 'unknown', message: 'the remote did not answer for 5 ms' });
  });

  it('is unknown when Git takes too long', async () => {
    const answer = answerer(() => new Promise(() => {}), { budgetMs: 1 });
    assert.deepEqual(await answer(question), {
      relation: 'unknown',
      message: 'the repository could not be read within 1 ms',
    });
  });

  it('is unknown for a repository that is not allowed or has no usable address', async () => {
    const never = () => assert.fail('it looked');
    const answer = answerer(never, { isAllowed: () => false });
    assert.match((await answer(question)).message ?? '', /K8STA_GIT_REPOSITORIES/);
    assert.match((await answerer(never)({ ...question, repository: '/etc' })).message ?? '', /is not the address/);
  });

  it('is an error when the code has a bug', async () => {
    await assert.rejects(answerer(() => Promise.reject(new TypeError('defect')))(question), TypeError);
  });
});
