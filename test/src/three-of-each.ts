import type { ServiceName } from '@k8sta/sandbox';
import type { TestSystem } from './test-system.js';

const environmentOf: Readonly<Record<ServiceName, (system: TestSystem, at: number) => Record<string, string>>> = {
  ingest: () => ({ K8STA_HTTP_PORT: '0' }),
  tracker: () => ({}),
  promoter: ({ directory }, at) => ({ K8STA_MIRRORS: `${directory}/mirrors-${at}` }),
  'argo-watcher': () => ({}),
};

/** Starts two more of each service, so that there are three. */
export async function startThreeOfEach(system: TestSystem): Promise<void> {
  const starts = Object.entries(environmentOf).flatMap(([name, change]) =>
    [2, 3].map((at) => system.replica(name as ServiceName, change(system, at))),
  );
  await Promise.all(starts);
}
