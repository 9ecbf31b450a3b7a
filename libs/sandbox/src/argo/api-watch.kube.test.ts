import assert from 'node:assert/strict';
import { until } from '../until.js';
import { create, get, mergePatch, relabel, request, take, type WatchEvent, watch } from './api.fixture.js';
import { type Api, startApi } from './api.js';
import { status } from './status.js';

describe('watches of the API server', () => {
  let api: Api;

  beforeEach(async () => {
    api = await startApi({ historySize: 4, bookmarkMs: 20 });
  });
  afterEach(() => api.stop());

  function brief({ type, object }: WatchEvent): string {
    return `${type} ${object.metadata.name}`;
  }

  async function openWatches(count: number): Promise<void> {
    await until(() => api.watchCount === count, { what: `${count} open watches` });
  }

  describe('a watch', () => {
    it('begins with everything, then sends changes as they happen', async () => {
      create(api, 'a');
      const events = watch(api);
      assert.deepEqual((await take(events, 1)).map(brief), ['ADDED a']);
      create(api, 'b');
      relabel(api, 'b', { x: 'y' });
      api.applications.delete('argocd/a');
      assert.deepEqual((await take(events, 3)).map(brief), ['ADDED b', 'MODIFIED b', 'DELETED a']);
    });

    it('catches up from a resourceVersion, each change with its own', async () => {
      const { resourceVersion } = create(api, 'a');
      relabel(api, 'a', { x: '1' });
      relabel(api, 'a', { x: '2' });
      const events = await take(watch(api, `resourceVersion=${resourceVersion}`), 2);
      const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
      assert.deepEqual(versions, [resourceVersion + 1, resourceVersion + 2]);
    });

    it('with a selector reports objects that start or stop to match', async () => {
      create(api, 'a', { env: 'dev' });
      const events = watch(api, `labelSelector=env%3Dprod&resourceVersion=${api.applications.versions.last}`);
      const taken = take(events, 3);
      await openWatches(1);
      relabel(api, 'a', { env: 'prod' });
      relabel(api, 'a', { env: 'prod', more: 'x' });
      relabel(api, 'a', { env: 'dev' });
      assert.deepEqual((await taken).map(brief), ['ADDED a', 'MODIFIED a', 'DELETED a']);
    });

    it('gets bookmarks, one of them at its end after timeoutSeconds', async () => {
      const { resourceVersion } = create(api, 'a');
      const query = `resourceVersion=${resourceVersion}&allowWatchBookmarks=true&timeoutSeconds=1`;
      const events: WatchEvent[] = [];
      openWatches(1).then(() => create(api, 'elsewhere', {}, 'team'));
      for await (const event of watch(api, `fieldSelector=metadata.namespace%3Dargocd&${query}`)) events.push(event);
      const version = resourceVersion + 1;
      assert.ok(events.length > 1);
      for (const { type, object } of events) {
        assert.deepEqual(
          [type, object.metadata.resourceVersion, object['kind']],
          ['BOOKMARK', `${version}`, 'Application'],
        );
      }
    });

    it('gets no bookmark while nothing has changed since it started', async () => {
      const { resourceVersion } = create(api, 'a');
      const query = `resourceVersion=${resourceVersion}&allowWatchBookmarks=true&timeoutSeconds=1`;
      assert.deepEqual(await take(watch(api, query), 1), []);
    });

    it('without allowWatchBookmarks gets none', async () => {
      const events: WatchEvent[] = [];
      for await (const event of watch(api, 'timeoutSeconds=1')) events.push(event);
      assert.deepEqual(events, []);
    });

    it('from an expired resourceVersion gets an ERROR event with code 410, or that HTTP status', async () => {
      const { resourceVersion } = create(api, 'a');
      for (let index = 0; index < 20; index++) relabel(api, 'a', { index: `${index}` });
      const [error, ...more] = await take(watch(api, `resourceVersion=${resourceVersion}`), 2);
      assert.equal(more.length, 0);
      assert.deepEqual([error?.type, error?.object.code, error?.object.reason], ['ERROR', 410, 'Expired']);
      assert.match(
        `${error?.object.message}`,
        new RegExp(`^too old resource version: ${resourceVersion} \\(1\\d+\\)$`),
      );
      api.faults.goneAsHttpStatus(true);
      const gone = await request(api, `applications?watch=1&resourceVersion=${resourceVersion}`);
      assert.equal(gone.status, 410);
    });

    it('from the resourceVersion of a list succeeds after the history has expired', async () => {
      create(api, 'a');
      api.faults.forgetHistory();
      const { resourceVersion } = (await get(api, 'applications')).metadata;
      const events = watch(api, `resourceVersion=${resourceVersion}`);
      const taken = take(events, 1);
      await openWatches(1);
      create(api, 'b');
      assert.deepEqual((await taken).map(brief), ['ADDED b']);
    });
  });

  describe('with a fault', () => {
    it('sends the injected answer', async () => {
      api.faults.answer((asked) => (asked.verb === 'patch' ? status.forbidden(asked, 'patch') : undefined));
      create(api, 'web');
      assert.equal((await request(api, `applications`)).status, 200);
      const init = { method: 'PATCH', body: '{}', headers: { 'Content-Type': mergePatch } };
      const refused = await request(api, `namespaces/argocd/applications/web`, init);
      assert.equal(refused.status, 403);
      assert.match(await refused.text(), /User \\"system:serviceaccount:k8sta:argo-watcher\\" cannot patch resource/);

      api.faults.answer(() => status.tooManyRequests(7));
      const busy = await request(api, `applications`);
      assert.deepEqual([busy.status, busy.headers.get('retry-after')], [429, '7']);

      api.faults.answer(() => 'drop');
      await assert.rejects(request(api, `applications`), /fetch failed/);

      api.faults.answer(() => 'hang');
      const signal = AbortSignal.timeout(100);
      await assert.rejects(request(api, `applications`, { signal }), { name: 'TimeoutError' });
    });

    it('ends its watches', async () => {
      const ended = take(watch(api), 1);
      await openWatches(1);
      api.faults.closeWatches();
      assert.deepEqual(await ended, []);

      const broken = take(watch(api), 1);
      await openWatches(1);
      api.faults.closeWatches('destroy');
      await assert.rejects(broken);

      api.faults.closeWatchesAtOnce(true);
      assert.deepEqual(await take(watch(api), 1), []);
    });

    it('goes silent on watches', async () => {
      const silent = watch(api, 'resourceVersion=1000&allowWatchBookmarks=1');
      const first = silent.next();
      await openWatches(1);
      api.faults.silenceWatches(true);
      create(api, 'a');
      api.faults.silenceWatches(false);
      const [loud] = await take(watch(api), 1);
      assert.equal(loud && brief(loud), 'ADDED a', 'a new watch works again');
      api.faults.closeWatches();
      const { value, done } = await first;
      assert.ok(done || value.type === 'BOOKMARK', 'nothing after the silence began');
    });
  });
});
