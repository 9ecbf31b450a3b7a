import assert from 'node:assert/strict';
import { CustomObjectsApi, KubeConfig } from '@kubernetes/client-node';
import { type TemporaryDirectory, temporaryDirectory } from '../directory.js';
import { create, get, type Item, type List, mergePatch, names, relabel, request } from './api.fixture.js';
import { type Api, startApi } from './api.js';
import { writeKubeconfig } from './kubeconfig.js';

describe('the API server of the Argo CD stand-in', () => {
  let api: Api;

  beforeEach(async () => {
    api = await startApi({ historySize: 4, bookmarkMs: 20 });
  });
  afterEach(() => api.stop());

  it('requires its bearer token', async () => {
    for (const Authorization of ['', 'Bearer wrong']) {
      const response = await request(api, `applications`, { headers: { Authorization } });
      assert.equal(response.status, 401);
      assert.deepEqual(await response.json(), {
        ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' },
        ...{ message: 'Unauthorized', reason: 'Unauthorized', code: 401 },
      });
    }
  });

  describe('for the Kubernetes client', () => {
    let directory: TemporaryDirectory;
    before(async () => {
      directory = await temporaryDirectory('kubeconfig-test');
    });
    after(() => directory.remove());

    it('is found by a kubeconfig file', async () => {
      create(api, 'web');
      const config = new KubeConfig();
      config.loadFromFile(await writeKubeconfig(directory.path, { ...api, namespace: 'argocd' }));
      const client = config.makeApiClient(CustomObjectsApi);
      const type = { group: 'argoproj.io', version: 'v1alpha1', plural: 'applications' };
      const list = (await client.listClusterCustomObject({ ...type, limit: 5 })) as List;
      assert.deepEqual(
        list.items.map(({ metadata }) => metadata.name),
        ['web'],
      );
      await assert.rejects(client.getNamespacedCustomObject({ ...type, namespace: 'argocd', name: 'none' }), {
        code: 404,
      });
    });
  });

  describe('a list', () => {
    it('covers one namespace or all, in order', async () => {
      for (const name of ['b', 'a']) create(api, name);
      create(api, 'c', {}, 'team');
      const all = await get(api, 'applications');
      assert.deepEqual(
        all.items.map(({ metadata }) => metadata.name),
        ['a', 'b', 'c'],
      );
      assert.equal(all.kind, 'ApplicationList');
      assert.deepEqual(
        (await get(api, 'namespaces/team/applications')).items.map(({ metadata }) => metadata.name),
        ['c'],
      );
    });

    it('applies selectors', async () => {
      create(api, 'a', { env: 'dev' });
      create(api, 'b', { env: 'prod' });
      assert.deepEqual(await names(api, `applications?labelSelector=${encodeURIComponent('env in (prod)')}`), ['b']);
      assert.deepEqual(await names(api, 'applications?fieldSelector=metadata.name%3Da'), ['a']);
      const refused = await request(api, `applications?fieldSelector=spec.project%3Dx`);
      assert.equal(refused.status, 400);
      assert.match(await refused.text(), /field label not supported: spec.project/);
    });

    it('comes in pages that show one moment', async () => {
      for (const name of ['a', 'b', 'c']) create(api, name);
      const first = await get(api, 'applications?limit=2');
      assert.equal(first.metadata.remainingItemCount, 1);
      relabel(api, 'c', { later: 'yes' });
      create(api, 'd');
      const second = await get(api, `applications?limit=2&continue=${first.metadata.continue}`);
      assert.deepEqual(
        second.items.map(({ metadata }) => metadata.name),
        ['c'],
      );
      assert.equal(second.metadata.continue, '');
      assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
      assert.deepEqual(second.items[0]?.metadata.labels, {});
    });

    it('fails with 410 for an expired continue token and 400 for a malformed one', async () => {
      for (const name of ['a', 'b']) create(api, name);
      const { continue: token } = (await get(api, 'applications?limit=1')).metadata;
      api.faults.forgetHistory();
      const expired = await request(api, `applications?limit=1&continue=${token}`);
      assert.equal(expired.status, 410);
      assert.equal(((await expired.json()) as { reason: string }).reason, 'Expired');
      assert.equal((await request(api, `applications?continue=nonsense`)).status, 400);
      assert.equal((await request(api, `applications?limit=many`)).status, 400);
    });

    it('of ten thousand is quick', async () => {
      for (let index = 0; index < 10_000; index++) create(api, `app-${index}`);
      // Processor time: other tests use the same cores.
      const before = process.cpuUsage();
      assert.equal((await get(api, 'applications')).items.length, 10_000);
      const { user, system } = process.cpuUsage(before);
      assert.ok(user + system < 2_000_000, `${user + system} µs`);
    });
  });

  describe('a single object', () => {
    it('is returned, or 404 with the message of Kubernetes', async () => {
      create(api, 'web');
      assert.equal((await get<Item>(api, 'namespaces/argocd/applications/web')).metadata.name, 'web');
      const missing = await request(api, `namespaces/argocd/applications/none`);
      assert.equal(missing.status, 404);
      const { message, reason } = (await missing.json()) as { message: string; reason: string };
      assert.deepEqual([message, reason], ['applications.argoproj.io "none" not found', 'NotFound']);
    });

    it('is created, once', async () => {
      const metadata = { name: 'web', labels: { env: 'dev' } };
      const init = { method: 'POST', body: JSON.stringify({ kind: 'Application', metadata }) };
      const created = await request(api, 'namespaces/argocd/applications', init);
      assert.equal(created.status, 201);
      assert.deepEqual(await names(api, 'namespaces/argocd/applications?labelSelector=env%3Ddev'), ['web']);
      const again = await request(api, 'namespaces/argocd/applications', init);
      assert.equal(again.status, 409);
      assert.match(await again.text(), /applications.argoproj.io \\"web\\" already exists/);
      assert.equal((await request(api, 'applications', init)).status, 404);
    });

    function patch(body: unknown, type = mergePatch): Promise<Response> {
      const init = { method: 'PATCH', body: JSON.stringify(body), headers: { 'Content-Type': type } };
      return request(api, `namespaces/argocd/applications/web`, init);
    }

    it('is patched by a merge patch', async () => {
      const before = create(api, 'web');
      const annotations = { 'argocd.argoproj.io/refresh': 'normal' };
      const once = (await (await patch({ metadata: { annotations } })).json()) as Item;
      assert.ok(Number(once.metadata.resourceVersion) > before.resourceVersion);
      assert.equal(once.metadata.generation, 1);
      const again = (await (await patch({ metadata: { annotations } })).json()) as Item;
      assert.equal(again.metadata.resourceVersion, once.metadata.resourceVersion, 'a patch that changes nothing');
      const status = (await (await patch({ status: { health: { status: 'Healthy' } } })).json()) as Item;
      assert.equal(status.metadata.generation, 2, 'status is not a subresource');
      assert.equal((await patch({ metadata: { uid: once.metadata.uid, name: 'web' } })).status, 200);
    });

    it('is not patched with another patch type, an old resourceVersion or an invalid body', async () => {
      const { resourceVersion } = create(api, 'web');
      relabel(api, 'web', { a: 'b' });
      const conflict = await patch({ metadata: { resourceVersion: String(resourceVersion), labels: { c: 'd' } } });
      assert.equal(conflict.status, 409);
      assert.equal((await patch({ metadata: { uid: 'x' } })).status, 422);
      assert.equal((await patch({ metadata: { name: 'y' } })).status, 400);
      const unsupported = await patch([], 'application/json-patch+json');
      assert.equal(unsupported.status, 415);
      assert.equal(((await unsupported.json()) as { reason: string }).reason, 'UnsupportedMediaType');
      assert.equal((await patch(['nonsense'])).status, 400);
    });

    it('with a finalizer stays in deletion until the finalizer is removed', async () => {
      create(api, 'web');
      const path = 'namespaces/argocd/applications/web';
      const patch = (metadata: object) =>
        request(api, path, {
          method: 'PATCH',
          body: JSON.stringify({ metadata }),
          headers: { 'Content-Type': mergePatch },
        });
      await patch({ finalizers: ['resources-finalizer.argocd.argoproj.io'] });
      await request(api, path, { method: 'DELETE' });
      const deleting = await get<{ metadata: { deletionTimestamp?: string } }>(api, path);
      assert.match(deleting.metadata.deletionTimestamp ?? '', /^\d{4}-/);
      await patch({ finalizers: null });
      assert.equal((await request(api, path)).status, 404);
    });

    it('is deleted', async () => {
      create(api, 'web');
      const path = `namespaces/argocd/applications/web`;
      assert.equal((await request(api, path, { method: 'DELETE' })).status, 200);
      assert.equal((await request(api, path, { method: 'DELETE' })).status, 404);
    });
  });
});
