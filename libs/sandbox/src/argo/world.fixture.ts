import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { Repository } from '../git/repository.js';
import { type GitServer, startGitServer } from '../git/server.js';
import { until } from '../until.js';
import type { Application } from './application.js';
import { refreshAnnotation, refreshTimestampAnnotation } from './application.js';
import { type ArgoCd, type ArgoCdOptions, startArgoCd } from './argo-cd.js';
import { type Clock, systemClock } from './clock.js';

/** A Git server with one repository, and a stand-in that deploys its folders `dev` and `prod`. */
export interface World {
  git: GitServer;
  repository: Repository;
  argo: ArgoCd;
  stop(): Promise<void>;
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: acme/web}]}}}
`;

export function overlay(tag: string): string {
  return `resources:\n- ../base\nimages:\n- name: acme/web\n  newTag: "${tag}"\n`;
}

/** Does not poll by default: a test requests each refresh. */
export async function startWorld(options: ArgoCdOptions = {}): Promise<World> {
  const git = await startGitServer();
  const repository = await git.createRepository('deploy', {
    files: {
      'base/kustomization.yaml': 'resources: [web.yaml]\n',
      'base/web.yaml': deployment,
      'dev/kustomization.yaml': overlay('1.0.0'),
      'prod/kustomization.yaml': overlay('1.0.0'),
    },
  });
  const of = { repoURL: repository.url, targetRevision: 'main' };
  const argo = await startArgoCd({
    git: { username: git.user, password: git.password },
    pollMs: 0,
    speeds: { compareMs: 10, operationMs: 10, syncMs: 10, rolloutMs: 20 },
    applications: [
      { ...of, name: 'dev', path: 'dev' },
      { ...of, name: 'prod', path: 'prod' },
    ],
    ...options,
  });
  return {
    ...{ git, repository, argo },
    async stop() {
      await argo.stop();
      await git.stop();
    },
  };
}

/** A thousand times as fast, so that two writes rarely have the same second. */
export function fastClock(): Clock {
  const startedAt = Date.now();
  return { ...systemClock, now: () => startedAt + (Date.now() - startedAt) * 1_000 };
}

/** Commits a new tag for an Application and requests its refresh. Returns the commit. */
export async function release({ repository, argo }: World, application: string, tag: string): Promise<string> {
  const files = { [`${application}/kustomization.yaml`]: overlay(tag) };
  const commit = await repository.commit({ files, message: `Release ${tag}` });
  refresh(argo, application);
  return commit;
}

export function refresh(argo: ArgoCd, application: string, timestamp?: string): void {
  argo.changeApplication(application, ({ metadata }) => {
    metadata.annotations = {
      ...metadata.annotations,
      [refreshAnnotation]: 'normal',
      ...(timestamp && { [refreshTimestampAnnotation]: timestamp }),
    };
  });
}

/** Records, through a real watch, each state of an Application from now on. */
export async function record(argo: ArgoCd, name: string): Promise<{ states: Application[]; types: string[] }> {
  const recorded: { states: Application[]; types: string[] } = { states: [], types: [] };
  const before = argo.watchCount;
  const { resourceVersion } = argo.application(name)?.metadata ?? {};
  const query = `watch=1&resourceVersion=${resourceVersion}&fieldSelector=metadata.name%3D${name}`;
  const response = await fetch(`${argo.url}/apis/argoproj.io/v1alpha1/applications?${query}`, {
    headers: { Authorization: `Bearer ${argo.token}` },
  });
  const lines = createInterface({ input: Readable.fromWeb(response.body as never) });
  lines.on('error', () => {});
  lines.on('line', (line) => {
    const { type, object } = JSON.parse(line) as { type: string; object: Application };
    recorded.types.push(type);
    recorded.states.push(object);
  });
  await until(() => argo.watchCount > before, { what: 'the watch' });
  return recorded;
}

/** Describes a state in the words that the tests of the write order use. */
export function brief({ operation, status }: Application): string {
  const { operationState } = status ?? {};
  return [
    operation ? 'operation' : '-',
    status?.sync?.status ?? '-',
    status?.health?.status ?? '-',
    operationState?.phase ?? '-',
  ].join(' ');
}
