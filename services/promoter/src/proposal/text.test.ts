import assert from 'node:assert/strict';
import type { DataOf, PromotedApplication } from '@k8sta/contracts';
import { promotionOf } from '../commit-message.js';
import type { Part } from '../part.js';
import { compareLink } from './compare-link.js';
import { code, plain } from './markdown.js';
import { mergeText, proposalText } from './text.js';

const image = { repository: 'ghcr.io/acme/storefront', tag: 'main-2b3c4d5' };
const application = { namespace: 'argocd', name: 'eu', sources: [{ path: 'apps/eu' }], sourceIndex: 0, image };
const part = {
  id: '0123/prod/1/0',
  ...{ ticket: '0123', track: 'storefront', station: 'prod', applications: [application], protectedSources: [] },
  requestedAt: '2026-01-01T10:00:00.000Z',
} satisfies Part;

function request(pullRequest: object = {}, change: object = {}): DataOf<'promotion.requested'> {
  return {
    ...{ promotion: '0123/prod/1', part: 0, parts: 1, ticket: '0123', track: 'storefront', station: 'prod', issue: 0 },
    ...{ repository: 'https://git.test/acme/config', applications: [application], protectedSources: [] },
    write: { pullRequest: { merge: 'byPeople', ...pullRequest } },
    arrivals: [{ station: 'dev', arrivedAt: '2026-01-01T08:15:00.000Z' }],
    ...{ requestedAt: part.requestedAt, notAfter: part.requestedAt },
    ...change,
  };
}

const edited: PromotedApplication[] = [
  {
    ...{ namespace: 'argocd', name: 'eu', file: 'apps/eu/kustomization.yaml', outcome: 'edited' },
    ...{ before: 'ghcr.io/acme/storefront:main-1a2b3c4', after: 'ghcr.io/acme/storefront:main-2b3c4d5' },
  },
];
const trailers = 'K8sTA-Ticket: 0123\nK8sTA-Track: storefront\nK8sTA-Station: prod\nK8sTA-Promotion: 0123/prod/1/0';

describe('the text of a pull request', () => {
  it('says what changes, where it runs already, and what the merge does', () => {
    const { title, body, notes } = proposalText(request(), part, edited, { link: 'https://k8sta.test/{{ticket}}' });
    assert.equal(title, 'storefront/prod: ghcr.io/acme/storefront main-2b3c4d5');
    assert.deepEqual(notes, []);
    assert.equal(
      body,
      [
        'Promotes Station `prod` of Track `storefront`.',
        '| Image | From | To | |\n|---|---|---|---|\n| `ghcr.io/acme/storefront` | `main-1a2b3c4` | `main-2b3c4d5` | [compare](https://github.com/acme/storefront/compare/1a2b3c4...2b3c4d5) |',
        'Runs already at `dev` since 2026-01-01 08:15 UTC.',
        'The commit changes only the image in `apps/eu/kustomization.yaml` (`eu`).',
        'K8sTA leaves the merge to you. After the merge, Argo CD deploys the commit, and K8sTA waits until the image has arrived. To stop the Ticket here, close this without a merge.',
        '[The Ticket](https://k8sta.test/0123)',
        `${trailers}\n`,
      ].join('\n\n'),
    );
  });

  it('says who merges, and that it is a rollback', () => {
    const body = (wish: object, change: object = {}) => proposalText(request(wish, change), part, edited).body;
    assert.match(body({ merge: 'auto' }), /K8sTA merges this as soon as the rules/);
    assert.match(body({ merge: 'whenChecksPass' }), /once every check has passed/);
    assert.match(body({}, { kind: 'rollback' }), /^Takes Station `prod` of Track `storefront` back to the image/);
    assert.doesNotMatch(body({}, { arrivals: [] }), /Runs already/);
  });

  it('is what the templates say, and has the trailers last', () => {
    const title = 'Deploy {{tag}}\nto {{station}}';
    const body = '{% for each in arrivals %}{{each.station}} {% endfor %}{{oldTag}}\r\n\r\nDone.\n\n';
    const text = proposalText(request({ title, body }), part, edited);
    assert.deepEqual(text, {
      title: 'Deploy main-2b3c4d5',
      body: `dev main-1a2b3c4\n\nDone.\n\n${trailers}\n`,
      notes: [],
    });
  });

  it('is the default where a template cannot be used, and says so', () => {
    for (const broken of ['{{ nothing }}', '{% if %}', ' ']) {
      const { title, body, notes } = proposalText(request({ title: broken, body: broken }), part, edited);
      assert.match(title, /^storefront\/prod: /);
      assert.match(body, /^Promotes Station/);
      assert.equal(notes.length, 2);
    }
  });

  it('of the merge has the number of the pull request, and our trailers as the last paragraph', () => {
    const { title, message } = mergeText(part, edited, 7, { template: 'Deploy {{tag}}\n\nBecause.' });
    assert.deepEqual([title, message], ['Deploy main-2b3c4d5 (#7)', `Because.\n\n${trailers}`]);
    const plainText = mergeText(part, edited, 7);
    assert.equal(promotionOf(`${plainText.title}\n\n${plainText.message}`), part.id);
  });
});

describe('a compare link', () => {
  const link = (from: string, to: string, repository = image.repository) => compareLink({ repository, tag: to }, from);

  it('compares commits, and versions that are Git tags', () => {
    assert.equal(link('sha-1a2b3c4', 'sha-2b3c4d5'), 'https://github.com/acme/storefront/compare/1a2b3c4...2b3c4d5');
    assert.equal(link('v1.4.1', 'v1.4.2'), 'https://github.com/acme/storefront/compare/v1.4.1...v1.4.2');
    assert.equal(
      link('v1.4.1', 'v1.4.2', 'registry.gitlab.com/acme/shop/web'),
      'https://gitlab.com/acme/shop/-/compare/v1.4.1...v1.4.2',
    );
  });

  it('is absent where it would be a guess', () => {
    assert.equal(link('1.4.1', '1.4.2'), undefined);
    assert.equal(link('main-deadbeef', 'main-facade'), undefined);
    assert.equal(link('v1.4.1', 'v1.4.2', 'docker.io/acme/storefront'), undefined);
    assert.equal(link('v1.4.2', 'v1.4.2'), undefined);
  });
});

describe('text from outside in Markdown', () => {
  it('mentions nobody and has no markup', () => {
    assert.equal(code('a`b\n@c'), "`a'b @c`");
    assert.equal(plain('paused by @alice: <img src=x> [x](y)'), 'paused by @\u200Balice: &lt;img src=x> \\[x\\](y)');
    assert.equal(plain('a'.repeat(3_000)).length, 2_000);
  });
});
