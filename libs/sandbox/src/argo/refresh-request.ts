import {
  type Application,
  refreshAnnotation,
  refreshTimestampAnnotation,
  skipReconcileAnnotation,
} from './application.js';

export interface RefreshRequest {
  timestamp: string | undefined;
}

/** What the annotations request. */
export function refreshRequest({ metadata: { annotations = {} } }: Application): RefreshRequest | undefined {
  return annotations[refreshAnnotation] ? { timestamp: annotations[refreshTimestampAnnotation] } : undefined;
}

/**
 * A request that came in while another was being answered is lost with it, unless its timestamp tells that it is
 * another. A comparison that answers none takes none away: the real one's patch removes only what it had read.
 */
export function forgetRefresh(application: Application, answered: RefreshRequest | undefined): void {
  const { annotations } = application.metadata;
  const present = refreshRequest(application);
  if (!annotations || !present || !answered) return;
  if (present.timestamp !== answered.timestamp) return;
  delete annotations[refreshAnnotation];
  delete annotations[refreshTimestampAnnotation];
}

/** `skip-reconcile`: the controller does not touch it at all. */
export function isFrozen({ metadata: { annotations = {} } }: Application): boolean {
  return annotations[skipReconcileAnnotation] === 'true';
}
