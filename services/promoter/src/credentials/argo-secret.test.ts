import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import sshpk from 'sshpk';
import { type ParsedSecret, parseArgoSecret } from './argo-secret.js';

const pem = { type: 'pkcs1', format: 'pem' } as const;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(pem).toString();

function parse(files: Record<string, string>): ParsedSecret {
  return parseArgoSecret({ name: 'acme', files, faults: [] });
}

function proof(files: Record<string, string>): unknown {
  const parsed = parse(files);
  assert.ok(parsed.is === 'credential' && 'proof' in parsed.credential, JSON.stringify(parsed));
  return parsed.credential.proof;
}

function faults(files: Record<string, string>): readonly string[] {
  const parsed = parse(files);
  if (parsed.is === 'faults') return parsed.faults;
  assert.ok(parsed.is === 'credential' && 'faults' in parsed.credential, JSON.stringify(parsed));
  return parsed.credential.faults;
}

describe('a Secret in the format of Argo CD', () => {
  const url = 'https://github.com/acme';

  it('has a user name and password, or a token', () => {
    const given = { url, type: 'git', project: 'default', username: 'me', password: 'hunter2\n' };
    assert.deepEqual(proof(given), { is: 'password', username: 'me', password: 'hunter2' });
    assert.deepEqual(proof({ url, password: 'hunter2' }), { is: 'password', username: 'git', password: 'hunter2' });
    assert.deepEqual(proof({ url, bearerToken: 'hunter2' }), { is: 'bearer', token: 'hunter2' });
    assert.deepEqual(proof({ url, password: '' }), { is: 'none' });
  });

  it('has a GitHub App', () => {
    const app = { githubAppID: '1', githubAppInstallationID: '2\n', githubAppPrivateKey: rsa };
    const read = { appId: '1', installationId: '2', privateKey: rsa, api: 'https://api.github.com' };
    assert.deepEqual(proof({ url, ...app }), { is: 'githubApp', app: read });
    assert.deepEqual(proof({ url, ...app, githubAppEnterpriseBaseUrl: 'https://ghe.test/api/v3/' }), {
      is: 'githubApp',
      app: { ...read, api: 'https://ghe.test/api/v3' },
    });
    assert.deepEqual(faults({ url, ...app, githubAppEnterpriseBaseUrl: 'https://ghe.test/api/v3?x=hunter2' }), [
      'acme/githubAppEnterpriseBaseUrl: must have no user name, query or fragment',
    ]);
    assert.deepEqual(faults({ url, githubAppID: '1', githubAppPrivateKey: rsa }), [
      'acme/githubAppInstallationID: is missing',
    ]);
    assert.deepEqual(faults({ url, githubAppID: 'x', githubAppInstallationID: '2', githubAppPrivateKey: 'hunter2' }), [
      'acme/githubAppID: must be a number',
      'acme/githubAppPrivateKey: must be the RSA private key of the GitHub App, in PEM',
    ]);
  });

  it('has an ssh key', () => {
    const ssh = { url: 'git@github.com:acme' };
    const read = proof({ ...ssh, sshPrivateKey: sshpk.generatePrivateKey('ecdsa').toString('pkcs8') });
    assert.match(JSON.stringify(read), /^{"is":"sshKey","privateKey":"-----BEGIN OPENSSH PRIVATE KEY-----/);
    assert.match(faults({ ...ssh, sshPrivateKey: 'hunter2' }).join(), /^acme\/sshPrivateKey: is not a private key/);
    assert.deepEqual(faults(ssh), ['acme/sshPrivateKey: is missing']);
  });

  it('has the forge of its repositories, with a token for its API', () => {
    const forge = { forge: 'gitlab\n', forgeApi: 'https://git.test/gitlab/api/v4/', forgeToken: 'hunter2\n' };
    const parsed = parse({ url, password: 'hunter3', ...forge });
    assert.ok(parsed.is === 'credential' && 'proof' in parsed.credential, JSON.stringify(parsed));
    const read = { provider: 'gitlab', api: 'https://git.test/gitlab/api/v4', token: 'hunter2' };
    assert.deepEqual(parsed.credential.forge, read);
    const ssh = { url: 'git@github.com:acme', sshPrivateKey: sshpk.generatePrivateKey('ecdsa').toString('pkcs8') };
    assert.match(JSON.stringify(proof({ ...ssh, forgeToken: 'hunter2' })), /sshKey/);
    assert.deepEqual(faults({ url, forge: 'hunter2', forgeApi: 'https://me:hunter2@git.test', forgeToken: 'a\nb' }), [
      'acme/forge: must be one of github, gitlab, gitea',
      'acme/forgeApi: must have no user name, query or fragment',
      'acme/forgeToken: must be one line',
    ]);
    assert.deepEqual(faults({ url, forgeApi: 'git.test' }), ['acme/forgeApi: must be an http:// or https:// address']);
  });

  it('is not read if it is not for Git', () => {
    assert.deepEqual(parse({ url: 'https://charts.test', type: 'helm', password: 'hunter2' }), { is: 'notGit' });
  });

  it('names every fault by its file, and never quotes a value', () => {
    const said = faults({
      url,
      pasword: 'hunter2',
      insecure: 'true',
      insecureIgnoreHostKey: 'true',
      tlsClientCertData: 'hunter2',
      proxy: 'socks5://me:hunter2@proxy.test',
      username: 'hunter2\nhunter2',
    });
    assert.deepEqual(said, [
      'acme/username: must be one line',
      'acme/proxy: must be an http:// or https:// address',
      'acme/insecure: must be false: mount the certificate authority and set K8STA_GIT_CA_FILE',
      'acme/insecureIgnoreHostKey: must be false: add the host to K8STA_GIT_KNOWN_HOSTS',
      'acme/tlsClientCertData: is not supported; libgit2 has no client certificates',
      'acme/pasword: is not a key of Argo CD\'s Secrets; did you mean "password"?',
    ]);
    assert.match(faults({ url: 'hunter2', password: 'x' }).join(), /^acme\/url: must be the address of a repository/);
    assert.deepEqual(faults({ password: 'hunter2' }), ['acme/url: is missing']);
    assert.deepEqual(faults({ url, proxy: 'http://me:hunter2%@proxy.test' }), [
      'acme/proxy: must have % in its user name and password as %25',
    ]);
    assert.deepEqual(faults({ url, username: 'hunter2' }), ['acme/password: is missing']);
  });

  it('refuses a credential that does not fit its address, and two at once', () => {
    assert.deepEqual(faults({ url: 'git@github.com:acme', password: 'hunter2' }), [
      'acme/password: cannot be used with an address of ssh://',
    ]);
    assert.deepEqual(faults({ url, sshPrivateKey: 'hunter2' }), [
      'acme/sshPrivateKey: cannot be used with an address of https://',
    ]);
    assert.deepEqual(faults({ url, password: 'hunter2', bearerToken: 'hunter2' }), [
      'acme: has more than one credential: password and bearerToken',
    ]);
  });
});
