import assert from 'node:assert/strict';
import { createLinks } from './links.js';

const commit = 'a'.repeat(40);

describe('links', () => {
  const links = createLinks(
    new Map([['default', 'https://argocd.example.com/']]),
    new Map([['git.example.com', 'https://git.example.com/view/{path}?id={commit}']]),
  );

  it('lead to a commit at the well-known hosts, by https and ssh', () => {
    const to = (repository: string) => links.commit(repository, commit);
    assert.equal(to('https://github.com/acme/deploy.git'), `https://github.com/acme/deploy/commit/${commit}`);
    assert.equal(to('git@github.com:acme/deploy.git'), `https://github.com/acme/deploy/commit/${commit}`);
    assert.equal(to('ssh://git@gitlab.com:22/acme/x/deploy'), `https://gitlab.com/acme/x/deploy/-/commit/${commit}`);
    assert.equal(to('https://bitbucket.org/acme/deploy'), `https://bitbucket.org/acme/deploy/commits/${commit}`);
    assert.equal(to('https://git.example.com/acme/deploy'), `https://git.example.com/view/acme/deploy?id=${commit}`);
  });

  it('keep the port of an address on the web, and what is encoded in its path', () => {
    const to = (repository: string) => links.commit(repository, commit);
    assert.equal(to('https://gitea.example.com:3000/acme/a'), `https://gitea.example.com:3000/acme/a/commit/${commit}`);
    assert.equal(to('ssh://git@gitea.example.com:22/acme/a'), `https://gitea.example.com/acme/a/commit/${commit}`);
    assert.equal(to('https://git.example.com/My%20Team/a'), `https://git.example.com/view/My%20Team/a?id=${commit}`);
    assert.equal(to('git@git.example.com:My Team/a'), `https://git.example.com/view/My%20Team/a?id=${commit}`);
  });

  it('are absent where nobody has said where a commit is', () => {
    assert.equal(links.commit('https://unknown.example.com/a/b', commit), undefined);
    assert.equal(links.commit('not a repository', commit), undefined);
    assert.equal(links.commit('https://github.com/acme/deploy', 'javascript:alert(1)'), undefined);
    assert.equal(links.application('eu', 'argocd', 'a'), undefined);
  });

  it("lead to an Application in Argo CD's page", () => {
    assert.equal(links.application('default', 'argocd', 'shop'), 'https://argocd.example.com/applications/argocd/shop');
  });
});
