import assert from 'node:assert/strict';
import { ghcr } from './ghcr.js';
import { digest, fixture, pushedAt, readerOf, receivedAt } from './sender.fixture.js';

const { read, understood, images, ignored, refused } = readerOf(ghcr);
const image = `ghcr.io/acme/storefront:1.4.2@${digest}`;

function changed(change: (event: ReturnType<typeof fixture>['json']) => void, name = 'package') {
  const { json, headers } = fixture('ghcr', name);
  change(json.package ?? json.registry_package);
  return { json, headers };
}

describe('GHCR', () => {
  it('reads the events of a repository, of an organisation and of a GitHub App', () => {
    assert.deepEqual(images('package'), [image]);
    assert.deepEqual(images('registry-package'), [image]);
  });

  it('reads the form that GitHub posts by default, and keeps its JSON', () => {
    const { bytes } = fixture('ghcr', 'package');
    const form = Buffer.from(new URLSearchParams({ payload: bytes.toString() }).toString());
    const delivery = ghcr.read({ 'content-type': 'application/x-www-form-urlencoded' }, form, receivedAt);
    assert.ok('pushes' in delivery);
    assert.deepEqual(delivery.pushes, understood('package').pushes);
    assert.equal(delivery.contentType, 'application/json');
    assert.deepEqual(JSON.parse(delivery.body), JSON.parse(bytes.toString()));
  });

  it('ignores the manifests of the platforms of an image, so that it is announced once', () => {
    assert.equal(ignored('package-of-one-platform'), 'a manifest without a tag');
    assert.equal(ignored(changed((it) => delete it.package_version.container_metadata)), 'a manifest without a tag');
  });

  it('ignores a ping and what is not the push of a container image', () => {
    assert.equal(ignored('ping'), 'not about a package');
    const npm = changed((it) => Object.assign(it, { package_type: 'npm', ecosystem: 'npm' }));
    assert.equal(ignored(npm), 'the package is not a container image');
    const { json } = fixture('ghcr', 'package');
    assert.match(ignored({ json: { ...json, action: 'deleted' } }), /was not published or updated/);
    assert.deepEqual(images({ json: { ...json, action: 'updated' } }), [image]);
  });

  it('takes the repository from the owner and the name if there is no URL, in lower case', () => {
    assert.deepEqual(images(changed((it) => delete it.package_version.package_url)), [image]);
    assert.deepEqual(images(changed((it) => (it.package_version.package_url = 'ghcr.io/Acme/Storefront:'))), [image]);
    const onServer = changed((it) => (it.package_version.package_url = 'containers.ghe.example.com/acme/app:1.4.2'));
    assert.match(images(onServer)[0] ?? '', /^containers\.ghe\.example\.com\/acme\/app:1\.4\.2@/);
  });

  it('counts as pushed when it is received, because GitHub sends the year 1', () => {
    assert.deepEqual(understood('package').pushes[0]?.pushedAt, receivedAt);
    const dated = changed((it) => (it.package_version.updated_at = '2026-01-02T03:04:05Z'));
    assert.deepEqual(understood(dated).pushes[0]?.pushedAt, pushedAt);
  });

  it('says what is wrong and where', () => {
    const wrong = changed((it) => (it.package_version.package_url = 'https://ghcr.io/acme/storefront'));
    assert.match(refused(wrong), /^invalid: package.package_version.package_url: must be an image repository/);
    assert.match(
      refused(changed((it) => (it.package_version.container_metadata.tag.name = '../x'))),
      /^invalid: the tag/,
    );
    assert.match(
      refused(changed((it) => (it.package_version.container_metadata.tag.digest = 'x'))),
      /^invalid: the digest/,
    );
    assert.ok('refusal' in read({ json: [] }));
  });
});
