import type { Verdict } from '../arrival/verdict.js';
import type { TrackEvent } from './event.js';
import type { Policy } from './policy.js';
import type { Promotion } from './state.js';

/**
 * The refreshes that are due. argo-watcher requests the first one itself when the commit is published. Argo CD drops a
 * request that meets a reconcile without changes (argo-cd#28392), so the tracker repeats it with growing intervals for as
 * long as a refresh could help.
 */
export function refreshesOf(
  ticket: string,
  promotion: Promotion,
  missing: readonly (readonly [application: string, Verdict])[],
  now: Date,
  policy: Policy,
): TrackEvent[] {
  return missing.flatMap(([application, verdict]): TrackEvent[] => {
    if (verdict.is !== 'waiting' || !verdict.refresh) return [];
    if (now.getTime() < refreshDueAt(promotion, application, policy)) return [];
    return [{ type: 'refreshAsked', ticket, application, message: verdict.message, at: now.toISOString() }];
  });
}

/** When the refreshes that could help are due, in milliseconds since the epoch. */
export function refreshTimes(
  promotion: Promotion,
  missing: readonly (readonly [application: string, Verdict])[],
  policy: Policy,
): number[] {
  return missing.flatMap(([application, verdict]) =>
    verdict.is === 'waiting' && verdict.refresh ? [refreshDueAt(promotion, application, policy)] : [],
  );
}

/** When the next refresh of the Application may be requested, in milliseconds since the epoch. */
function refreshDueAt(promotion: Promotion, application: string, policy: Policy): number {
  const { count, askedAt } = promotion.applications[application]?.refreshes ?? { count: 0, askedAt: undefined };
  const interval = policy.refreshEveryMs * 2 ** Math.max(0, Math.min(count - 1, 30));
  return Date.parse(askedAt ?? promotion.committedAt ?? '') + Math.min(interval, policy.refreshAtMostEveryMs);
}
