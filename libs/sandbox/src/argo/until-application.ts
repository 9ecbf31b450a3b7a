import type { Application } from './application.js';
import type { Change, ObjectStore, Stored } from './store.js';

export function parseApplication({ json }: Stored): Application {
  return JSON.parse(json) as Application;
}

/** Deployed and idle: the state that Argo CD's own tools wait for. */
export function isDeployed({ operation, status }: Application): boolean {
  const isFresh = (status?.reconciledAt ?? '') >= (status?.operationState?.finishedAt ?? '');
  return !operation && isFresh && status?.sync?.status === 'Synced' && status.health?.status === 'Healthy';
}

/** Waits until an Application satisfies the condition; checks it now and after each write. */
export function untilApplication(
  store: ObjectStore,
  key: string,
  predicate: (application: Application) => boolean,
  withinMs: number,
): Promise<Application> {
  const read = () => {
    const stored = store.get(key);
    return stored && parseApplication(stored);
  };
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer);
      unsubscribe();
      settle();
    };
    const look = () => {
      const application = read();
      try {
        if (application && predicate(application)) end(() => resolve(application));
      } catch (error) {
        end(() => reject(error));
      }
    };
    const unsubscribe = store.onChange(({ stored }: Change) => stored.key === key && look());
    const timer = setTimeout(() => {
      const last = JSON.stringify(read()?.status, undefined, 2) ?? 'there is no such Application';
      end(() =>
        reject(new Error(`${key} did not reach the wanted state within ${withinMs} ms; its last status:\n${last}`)),
      );
    }, withinMs);
    look();
  });
}
