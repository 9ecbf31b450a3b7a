import type { WriteWish } from '@k8sta/contracts';
import type { Station } from './track.js';
import type { WrittenWrite } from './write-schema.js';

/** How a Station's commits are written: its own keys before those of its Track. Undefined: by plain commits. */
export function mergedWrite(track: WrittenWrite = {}, station: WrittenWrite = {}): WriteWish | undefined {
  const { pullRequest: _track, ...common } = track;
  const { pullRequest: _station, ...own } = station;
  const pullRequest = pullRequestOf(track, station);
  const merged = { ...common, ...own, ...(pullRequest && { pullRequest }) };
  return Object.keys(merged).length === 0 ? undefined : merged;
}

function pullRequestOf(track: WrittenWrite, station: WrittenWrite): WriteWish['pullRequest'] {
  if (station.pullRequest === false || (!track.pullRequest && !station.pullRequest)) return undefined;
  const merged = { ...(track.pullRequest || {}), ...station.pullRequest };
  return { ...merged, merge: merged.merge ?? 'byPeople' };
}

/** A problem of what a Track and a Station say together. `in`: which of them says the last word. */
export interface WriteFault {
  readonly in: 'track' | 'station';
  readonly path: readonly string[];
  readonly message: string;
}

/** What is wrong with how a Station is written, its Track's keys included. */
export function writeFaults(track: WrittenWrite | undefined, station: WrittenWrite | undefined): WriteFault[] {
  const { pullRequest, deployments } = mergedWrite(track, station) ?? {};
  const at = (key: 'draft' | 'reviewers', message: string): WriteFault => {
    const own = station?.pullRequest ? station.pullRequest[key] : undefined;
    return { in: own === undefined ? 'track' : 'station', path: ['pullRequest', key], message };
  };
  const { merge, draft, reviewers = [], provider } = pullRequest ?? {};
  const team = reviewers.find((each) => each.includes('/'));
  return [
    ...(draft && merge !== 'byPeople'
      ? [at('draft', `means that people make it ready, so "merge" must be "byPeople", not "${merge}"`)]
      : []),
    ...(team !== undefined && provider !== undefined && provider !== 'github'
      ? [at('reviewers', `names the team "${team}", and only GitHub can ask teams; name its people`)]
      : []),
    ...(deployments && provider !== undefined && provider !== 'github'
      ? [
          {
            in: station?.deployments === undefined ? ('track' as const) : ('station' as const),
            path: ['deployments'],
            message: `must not be true with the provider "${provider}": only GitHub has deployments`,
          },
        ]
      : []),
  ];
}

/** Why the merge cannot be the approval; undefined if it can. */
export function byMergeFault({ write }: Pick<Station, 'write'>): string | undefined {
  const merge = write?.pullRequest?.merge;
  if (merge === 'byPeople') return undefined;
  return merge === undefined
    ? 'needs a Station that writes by pull request: add "write: {pullRequest: {}}", or count approvals'
    : `needs people who merge, and "merge" is "${merge}": then K8sTA itself would approve`;
}
