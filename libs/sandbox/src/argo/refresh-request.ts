import {
  type Application,
  refreshAnnotation,
  refreshTimestampAnnotation,
  skipReconcileAnnotation,
} from './application.js';

export interface RefreshRequest {
  timestamp: string | undefined;
}

/** The refresh that the annotations request. */
export function refreshRequest({ metadata: { annotations = {} } }: Application): RefreshRequest | undefined {
  return annotations[refreshAnnotation] ? { timestamp: annotations[refreshTimestampAnnotation] } : undefined;
}

/**
 * A request that arrives during the comparison for another request is lost with that one, unless its timestamp differs.
 * A comparison without a request removes no request: the real patch removes only the annotation that it has read.
 */
export function forgetRefresh(application: Application, answered: RefreshRequest | undefined): void {
  const { annotations } = application.metadata;
  const present = refreshRequest(application);
  if (!annotations || !present || !answered) return;
  if (present.timestamp !== answered.timestamp) return;
  delete annotations[refreshAnnotation];
  delete annotations[refreshTimestampAnnotation];
}

/** `skip-reconcile`: the controller ignores the Application. */
export function isFrozen({ metadata: { annotations = {} } }: Application): boolean {
  return annotations[skipReconcileAnnotation] === 'true';
}
