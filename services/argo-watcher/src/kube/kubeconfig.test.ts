import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@k8sta/sandbox';
import type { KubeConfig } from '@kubernetes/client-node';
import { readUsualAccess } from './kubeconfig.js';

const server = 'https://10.0.0.1:6443';
const base64 = (text: string) => Buffer.from(text).toString('base64');

function kubeconfig(cluster: object, user: object, context = 'x'): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'other', cluster: { server: 'https://other' } },
      { name: 'c', cluster: { server, ...cluster } },
    ],
    users: [
      { name: 'other', user: { exec: { command: 'login' } } },
      { name: 'u', user },
    ],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'n' } }],
    'current-context': context,
  });
}

/** What a request would be made with, without what says nothing. */
async function optionsOf(access: Pick<KubeConfig, 'applyToHTTPSOptions'> | undefined): Promise<object> {
  assert.ok(access, 'it is left to client-node');
  const options: RequestOptions = {};
  await access.applyToHTTPSOptions(options);
  const { agent: _, ...others } = options;
  return others;
}

describe('readUsualAccess', () => {
  let directory: TemporaryDirectory;
  let ClientNode: typeof KubeConfig;
  before(async () => {
    // As the code loads it: a static import would load all of it a second time, through the loader of the tests.
    ({ KubeConfig: ClientNode } = await import('@kubernetes/client-node'));
  });
  beforeEach(async () => {
    directory = await temporaryDirectory('kubeconfig');
    for (const name of ['ca.crt', 'tls.crt', 'tls.key']) await writeFile(join(directory.path, name), `<${name}>`);
    await writeFile(join(directory.path, 'token'), 'of-the-file\n');
  });
  afterEach(() => directory.remove());

  async function read(text: string) {
    const KUBECONFIG = join(directory.path, 'config');
    await writeFile(KUBECONFIG, text);
    return { access: await readUsualAccess({ KUBECONFIG }), KUBECONFIG };
  }

  const files = { 'client-certificate': 'tls.crt', 'client-key': 'tls.key' };
  const data = { 'client-certificate-data': base64('<cert>'), 'client-key-data': base64('<key>') };
  const usual: Record<string, [object, object]> = {
    'a token': [{}, { token: 't' }],
    'client certificates in files next to it': [{ 'certificate-authority': 'ca.crt' }, files],
    'client certificates in itself': [{ 'certificate-authority-data': base64('<ca>') }, data],
    'a server whose certificate is not verified': [{ 'insecure-skip-tls-verify': true }, { token: 't' }],
    'a server whose certificate has another name': [{ 'tls-server-name': 'api.test' }, { token: 't' }],
    'what a tool has noted in it': [{ extensions: [{ name: 'minikube.sigs.k8s.io' }] }, { token: 't' }],
    'no credentials': [{}, {}],
  };
  for (const [what, [cluster, user]] of Object.entries(usual)) {
    it(`reads ${what} as client-node does`, async () => {
      const { access, KUBECONFIG } = await read(kubeconfig(cluster, user));
      const theirs = new ClientNode();
      theirs.loadFromFile(KUBECONFIG);
      assert.deepEqual(await optionsOf(access), await optionsOf(theirs));
      const { name, server, skipTLSVerify } = theirs.getCurrentCluster() ?? {};
      assert.deepEqual(access?.getCurrentCluster(), { name, server, skipTLSVerify });
    });
  }

  it('reads YAML', async () => {
    const { access } = await read(
      'current-context: x\nclusters: [{name: c, cluster: {server: "https://a.test"}}]\nusers: [{name: u, user: {token: t}}]\ncontexts:\n- name: x\n  context: {cluster: c, user: u}\n',
    );
    assert.equal(access?.getCurrentCluster()?.server, 'https://a.test');
  });

  const unusual: Record<string, string> = {
    'a plug-in': kubeconfig({}, { exec: { command: 'login' } }),
    'an identity provider': kubeconfig({}, { 'auth-provider': { name: 'oidc' } }),
    'a password': kubeconfig({}, { username: 'u', password: 'p' }),
    impersonation: kubeconfig({}, { token: 't', as: 'somebody' }),
    'a proxy': kubeconfig({ 'proxy-url': 'socks5://127.0.0.1:1080' }, { token: 't' }),
    'a context that there is not': kubeconfig({}, { token: 't' }, 'y'),
    'a server that is not text': kubeconfig({ server: 1 }, { token: 't' }),
    'no YAML': '{',
    nothing: '',
  };
  for (const [what, text] of Object.entries(unusual)) {
    it(`leaves ${what} to client-node`, async () => assert.equal((await read(text)).access, undefined));
  }

  it('leaves several files, and one that does not exist, to client-node', async () => {
    const { KUBECONFIG } = await read(kubeconfig({}, { token: 't' }));
    assert.equal(await readUsualAccess({ KUBECONFIG: `${KUBECONFIG}:${KUBECONFIG}` }), undefined);
    assert.equal(await readUsualAccess({ KUBECONFIG: '/does/not/exist' }), undefined);
  });

  it('looks in the home directory, then for a service account', async () => {
    const HOME = directory.path;
    const pod = { HOME, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const inPod = await readUsualAccess(pod, directory.path);
    assert.equal(inPod?.getCurrentCluster()?.server, 'https://[fd00::1]:443');
    assert.deepEqual(await optionsOf(inPod), {
      ca: Buffer.from('<ca.crt>'),
      headers: { Authorization: 'Bearer of-the-file' },
    });
    await mkdir(join(HOME, '.kube'));
    await writeFile(join(HOME, '.kube/config'), kubeconfig({}, { token: 't' }));
    assert.equal((await readUsualAccess(pod, directory.path))?.getCurrentCluster()?.server, server);
    assert.equal(await readUsualAccess({}, join(HOME, 'nothing')), undefined);
  });

  it('uses a token and a certificate authority as soon as they are replaced', async () => {
    const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
    const access = await readUsualAccess(pod, directory.path);
    await writeFile(join(directory.path, 'token'), 'next');
    await writeFile(join(directory.path, 'ca.crt'), 'next');
    assert.deepEqual(await optionsOf(access), { ca: Buffer.from('next'), headers: { Authorization: 'Bearer next' } });
  });
});
