import assert from 'node:assert/strict';
import { type GitServer, startGitServer } from '../git/server.js';
import { until } from '../until.js';
import type { Application } from './application.js';
import { type ArgoCd, startArgoCd } from './argo-cd.js';
import type { Scenario } from './scenario.js';
import { readTrace, writesOf } from './trace.fixture.js';
import { fastClock, record, refresh } from './world.fixture.js';
import type { WriteOrder } from './write-order.js';

interface Situation {
  trace: string;
  title: string;
  scenario: Scenario;
  order?: Partial<WriteOrder>;
  rolloutMs?: number;
  /** What the commit adds to the kustomization. */
  resource?: string;
}

const situations: Situation[] = [
  { trace: 'happy-sync', title: 'a sync that goes well', scenario: { kind: 'healthy' } },
  {
    trace: 'happy-sync-reconciled-later',
    title: 'a sync that goes well, in another order',
    scenario: { kind: 'healthy' },
    order: { isRunningFirst: false, isReconciledLater: true },
  },
  {
    trace: 'hook-fails',
    title: 'a PreSync hook that fails, with two retries',
    scenario: { kind: 'hookFailsThenRetries', failures: 3, hook: 'hook', retryMs: 10 },
  },
  {
    trace: 'invalid-manifest',
    title: 'an invalid manifest, with retries',
    scenario: { kind: 'syncFailsThenRetries', failures: 9, retryMs: 10 },
    order: { isRunningFirst: false },
  },
  {
    trace: 'build-error',
    title: 'a kustomize build error',
    scenario: { kind: 'healthy' },
    resource: 'missing.yaml',
  },
  { trace: 'build-error', title: 'the scenario comparisonError', scenario: { kind: 'comparisonError' } },
  { trace: 'deny-window', title: 'a closed sync window', scenario: { kind: 'window' } },
  { trace: 'self-heal', title: 'a second operation by self-heal', scenario: { kind: 'selfHeal' }, rolloutMs: 3_000 },
];

describe('the Argo CD stand-in writes as a real Argo CD does', () => {
  let git: GitServer;
  let argo: ArgoCd;

  before(async () => {
    git = await startGitServer();
  });
  after(() => git?.stop());
  afterEach(() => argo?.stop());

  for (const { trace, title, scenario, order, resource, rolloutMs = 50 } of situations) {
    it(`in ${title}`, async () => {
      const states = await readTrace(trace);
      const [first] = states;
      const { name } = first.metadata;
      const { path } = first.spec.source;
      const [image, tag] = split(imagesOf(first)[0]);
      const newTag = tagsOf(image, states).find((each) => each !== tag) ?? '2.0.0';
      const repository = await git.createRepository(`${trace}-${scenario.kind}`, {
        files: {
          'base/kustomization.yaml': 'resources: [web.yaml]\n',
          'base/web.yaml': deployment(first),
          ...overlay(path, `${image}:${tag}`),
        },
      });
      argo = await startArgoCd({
        git: { username: git.user, password: git.password },
        pollMs: 0,
        clock: fastClock(),
        speeds: { compareMs: 10, operationMs: 10, syncMs: 10, rolloutMs },
        writeOrder: () => ({ isRunningFirst: true, isReconciledLater: false, ...order }),
      });
      argo.putProject(first.spec.project, {});
      const { source, destination, project, syncPolicy = {} } = first.spec;
      argo.createApplication({ ...source, repoURL: repository.url, name, project, destination, syncPolicy });
      await argo.ready();
      argo.setScenario(name, scenario);
      const recorded = await record(argo, name);
      await repository.commit({ files: overlay(path, `${image}:${newTag}`, resource), message: 'Release' });
      refresh(argo, name, '2026-01-01T00:00:00.000Z');
      const expected = writesOf(states);
      await until(() => writesOf(recorded.states).length >= expected.length, { what: 'the last write' });
      assert.deepEqual(writesOf(recorded.states).slice(0, expected.length), expected);
    });
  }
});

function imagesOf({ status }: Application): string[] {
  return status?.summary?.images ?? [];
}

/** Everywhere in a trace. */
function tagsOf(image: string, states: readonly Application[]): string[] {
  const texts = JSON.stringify(states)
    .split('"')
    .filter((text) => text.startsWith(`${image}:`));
  return texts.map((text) => split(text)[1]);
}

function split(image = ''): [name: string, tag: string] {
  const at = image.lastIndexOf(':');
  return [image.slice(0, at), image.slice(at + 1)];
}

/** The Deployment of the recorded Application. */
function deployment({ status }: Application): string {
  const name = status?.resources?.find(({ kind }) => kind === 'Deployment')?.name;
  const [image] = split(status?.summary?.images?.[0]);
  return JSON.stringify({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name } },
    spec: { template: { spec: { containers: [{ name, image }] } } },
  });
}

function overlay(path: string, reference: string, resource?: string): Record<string, string> {
  const [name, newTag] = split(reference);
  const resources = ['../../base', ...(resource ? [resource] : [])];
  return { [`${path}/kustomization.yaml`]: JSON.stringify({ resources, images: [{ name, newTag }] }) };
}
