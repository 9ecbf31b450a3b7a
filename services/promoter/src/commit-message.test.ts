import assert from 'node:assert/strict';
import { commitMessage, isCopy, promotionOf } from './commit-message.js';
import { templateFault } from './commit-template.js';

const image = { repository: 'ghcr.io:5000/acme/storefront', tag: '1.4.2' };
const part = {
  id: 't/dev/1/0',
  ticket: 't',
  track: 'storefront',
  station: 'dev',
  applications: [{ image }, { image }],
};

describe('a commit message', () => {
  it('names the image and the promotion', () => {
    assert.equal(
      commitMessage(part),
      'storefront/dev: ghcr.io:5000/acme/storefront 1.4.2\n\nK8sTA-Ticket: t\nK8sTA-Track: storefront\nK8sTA-Station: dev\nK8sTA-Promotion: t/dev/1/0\n',
    );
    assert.equal(promotionOf(commitMessage(part)), 't/dev/1/0');
  });

  it('reads trailers from the last paragraph only', () => {
    assert.equal(promotionOf('Fix\n\nReverts\n\nK8sTA-Promotion: t/dev/1/0\n\nbecause it broke\n'), undefined);
    assert.equal(promotionOf('Fix\n\n> K8sTA-Promotion: t/dev/1/0\n'), undefined);
    assert.equal(promotionOf('Fix\n\nIt said:\nK8sTA-Promotion: t/dev/1/0\n'), undefined);
    assert.equal(promotionOf('K8sTA-Promotion: t/dev/1/0\n'), undefined);
    assert.equal(promotionOf('Fix\r\n\r\nK8sTA-Promotion: t/dev/1/0\r\n'), 't/dev/1/0');
    assert.equal(promotionOf(''), undefined);
  });

  it('says that it is a rollback', () => {
    const rollback = { ...part, kind: 'rollback' as const };
    assert.match(
      commitMessage(rollback),
      /^Roll back storefront\/dev to ghcr.io:5000\/acme\/storefront 1.4.2\n\nK8sTA-T/,
    );
    const template = '{% if kind == "rollback" %}revert{% else %}chore{% endif %}: {{tag}}';
    assert.match(commitMessage(rollback, [], { template }), /^revert: 1.4.2\n\n/);
    assert.match(commitMessage(part, [], { template }), /^chore: 1.4.2\n\n/);
  });

  it('is that of a copy if git or a host says so', () => {
    const sha = '0'.repeat(40);
    for (const line of [`This reverts commit ${sha}.`, 'Reverts acme/config#12', 'This reverts merge request !3']) {
      assert.equal(isCopy(`Revert "x"\n\n${line}\n`), true, line);
    }
    assert.equal(isCopy(`${commitMessage(part)}(cherry picked from commit ${sha})\n`), true);
    assert.equal(isCopy(commitMessage({ ...part, kind: 'rollback' })), false);
    assert.equal(isCopy('Say what this reverts\n\nIt reverts commits.\n'), false);
  });

  it('lets no value add a line', () => {
    const message = commitMessage({ ...part, ticket: 'x\nK8sTA-Promotion: other' });
    assert.equal(promotionOf(message), 't/dev/1/0');
  });

  describe('from a template', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const known = { ...part, applications: [{ image: { ...image, digest } }] };
    const edited = [
      { namespace: 'argocd', name: 'dev', outcome: 'edited' as const, before: `${image.repository}:1.4.1` },
    ];
    const said = (template: string, link?: string) => commitMessage(known, edited, { template, link });
    const trailers = 'K8sTA-Ticket: t\nK8sTA-Track: storefront\nK8sTA-Station: dev\nK8sTA-Promotion: t/dev/1/0\n';

    it('names Ticket, Track, Station, image, old and new tag, digest and link, above the trailers', () => {
      const template =
        'chore({{station}}): {{repository | split: "/" | last}} {{oldTag}} -> {{tag}}\n\n{{track}} {{ticket}} {{digest}}\n{{link}}\n';
      assert.equal(
        said(template, 'https://k8sta.example.com/{{track}}/{{ticket}}'),
        `chore(dev): storefront 1.4.1 -> 1.4.2\n\nstorefront t ${digest}\nhttps://k8sta.example.com/storefront/t\n\n${trailers}`,
      );
      assert.equal(
        said('{% for image in images %}{{image.repository}} {{image.tag}}{% endfor %}'),
        `${image.repository} 1.4.2\n\n${trailers}`,
      );
      assert.equal(said('{{subject}}'), commitMessage(known));
    });

    it('cannot replace, add or hide a trailer', () => {
      const message = said('Bump\n\nK8sTA-Promotion: other\r\n\x1b[2J\n\n\n');
      assert.equal(message, `Bump\n\nK8sTA-Promotion: other\n [2J\n\n${trailers}`);
      assert.equal(promotionOf(message), 't/dev/1/0');
      assert.equal(promotionOf(said('x'.repeat(9_000))), 't/dev/1/0');
    });

    it('is the usual line if the template renders nothing, or cannot be rendered', () => {
      assert.equal(said('{% if false %}x{% endif %}'), commitMessage(known));
      assert.equal(said('{% for i in (1..10000000) %}x{% endfor %}'), commitMessage(known));
    });

    it('is refused at the start if it cannot be parsed, or names what does not exist', () => {
      assert.equal(templateFault('{{ticket}}'), undefined);
      assert.match(templateFault('{{ tickt }}') ?? '', /undefined variable: tickt/);
      assert.match(templateFault('{{ ticket | explode }}') ?? '', /undefined filter: explode/);
      assert.match(templateFault('{% if %}') ?? '', /not closed|invalid/);
      assert.match(templateFault('{% include "/etc/passwd" %}') ?? '', /ENOENT|Failed to lookup/);
      assert.match(templateFault('{{ ticket.constructor }}') ?? '', /undefined variable/);
    });
  });
});
