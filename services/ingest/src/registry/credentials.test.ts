import assert from 'node:assert/strict';
import { DockerConfig } from './credentials.js';

const encode = (text: string) => Buffer.from(text).toString('base64');
const password = (username: string, secret: string) => ({ kind: 'password', username, password: secret });

describe('the credentials of registries', () => {
  it('are those of the longest address that the repository has', () => {
    const config = new DockerConfig(
      JSON.stringify({
        auths: {
          'ghcr.io': { auth: encode('all:one') },
          'https://ghcr.io/acme': { username: 'acme', password: 'two' },
          'ghcr.io/acme/app/': { auth: encode('app:with:colons') },
          'registry.example.com:5000': { identitytoken: 'token', auth: encode('<token>:') },
          'https://index.docker.io/v1/': { auth: encode('hub:three') },
          'empty.example.com': {},
        },
      }),
    );
    assert.deepEqual(config.for('ghcr.io/other/app'), password('all', 'one'));
    assert.deepEqual(config.for('ghcr.io/acme/web'), password('acme', 'two'));
    assert.deepEqual(config.for('ghcr.io/acme-other/web'), password('all', 'one'));
    assert.deepEqual(config.for('ghcr.io/acme/app'), password('app', 'with:colons'));
    assert.deepEqual(config.for('registry.example.com:5000/app'), { kind: 'identityToken', token: 'token' });
    assert.deepEqual(config.for('docker.io/library/nginx'), password('hub', 'three'));
    assert.equal(config.for('registry.example.com/app'), undefined);
    assert.equal(config.for('empty.example.com/app'), undefined);
  });

  it('are refused with what is wrong, without a value of the file', () => {
    const secret = 'not-to-be-seen';
    for (const [text, message] of [
      [`{"auths": {"a.example.com": {"auth": "${secret}"`, /^the file is not JSON$/],
      [
        `{"auths": {"a.example.com": {"auth": "${encode(secret)}"}}}`,
        /^auths\."a\.example\.com"\.auth is not "user:password" in base64$/,
      ],
      [`{"auths": [{"auth": "${secret}"}]}`, /^auths: /],
      ['{}', /^auths: /],
    ] as const) {
      assert.throws(
        () => new DockerConfig(text),
        (error: Error) => message.test(error.message) && !error.message.includes(secret),
        text,
      );
    }
  });
});
