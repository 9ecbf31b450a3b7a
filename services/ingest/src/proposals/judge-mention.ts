import { type ProposalBranch, parseProposalBranch } from '@k8sta/contracts';
import type { Track } from '@k8sta/tracks';
import type { Mention } from './mention.js';

/** Why a webhook concerns no pull request of ours. */
export interface NotOurs {
  readonly notOurs: 'OtherBranch' | 'ForkBranch' | 'TrackUnknown' | 'StationUnknown' | 'NotByPullRequest';
  readonly message: string;
}

/** The proposal that is mentioned, or why it is none. Pure. */
export function judgeMention(
  tracks: readonly Track[],
  { branch, isOfFork }: Pick<Mention, 'branch' | 'isOfFork'>,
): ProposalBranch | NotOurs {
  const proposal = parseProposalBranch(branch);
  if (!proposal) return { notOurs: 'OtherBranch', message: 'the name of the branch is not that of a proposal' };
  if (isOfFork) return { notOurs: 'ForkBranch', message: 'the branch is in a fork' };
  const track = tracks.find(({ name }) => name === proposal.track);
  if (!track) return { notOurs: 'TrackUnknown', message: `no tracks file has a Track "${proposal.track}"` };
  const station = track.stations.find(({ name }) => name === proposal.station);
  if (!station) {
    const message = `the Track ${track.name} has no Station "${proposal.station}"`;
    return { notOurs: 'StationUnknown', message };
  }
  if (station.write?.pullRequest) return proposal;
  const message = `the Station ${station.name} of the Track ${track.name} is not written by pull request`;
  return { notOurs: 'NotByPullRequest', message };
}
