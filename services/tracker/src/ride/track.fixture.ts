import { noGates, type Station, type Track } from '@k8sta/tracks';
import type { Policy } from './policy.js';

export const repository = 'docker.io/acme/storefront';

export const policy: Policy = {
  commitDeadlineMs: 3_600_000,
  maxAgeMs: 14 * 86_400_000,
  freshForMs: 60_000,
  degradedGraceMs: 120_000,
  patienceMs: 300_000,
  refreshEveryMs: 15_000,
  refreshAtMostEveryMs: 300_000,
  settleMs: 0,
  settleAfterRolloutMs: 0,
  askAgainMs: 5_000,
};

export function aTrack(stations: Record<string, string[]>): Track {
  return {
    name: 'storefront',
    order: 'push',
    images: [{ repository, tags: { is: 'strictSemver' } }],
    stations: Object.entries(stations).map(
      ([name, applications]): Station => ({
        name,
        deadlineMs: 1_800_000,
        onFailure: 'stop',
        afterRevert: 'hold',
        soakMs: 0,
        gates: noGates,
        tracks: [],
        applications: applications.map((application) => ({ namespace: 'argocd', name: application })),
      }),
    ),
  } as Track;
}
