import { label } from './names.js';

/** What the name of a proposal's branch says. `attempt` counts from 1, `part` from 0. */
export interface ProposalBranch {
  readonly track: string;
  readonly station: string;
  readonly ticket: string;
  readonly attempt: number;
  readonly part: number;
}

/**
 * The branch of a pull request, without `refs/heads/`: `k8sta/<track>/<station>/<ticket>`, with `.<attempt>.<part>` after it
 * where there is more than one. These are the only branches that K8sTA creates, replaces and deletes.
 */
export function proposalBranch({ track, station, ticket, attempt, part }: ProposalBranch): string {
  const more = attempt === 1 && part === 0 ? '' : `.${attempt}.${part}`;
  return `k8sta/${track}/${station}/${ticket}${more}`;
}

/** What the name says; undefined if it is no branch of a proposal. Takes a name with or without `refs/heads/`. */
export function parseProposalBranch(name: string): ProposalBranch | undefined {
  const match = pattern.exec(name)?.groups;
  if (!match) return undefined;
  const { track = '', station = '', ticket = '', attempt = '1', part = '0' } = match;
  if (!label.safeParse(track).success || !label.safeParse(station).success) return undefined;
  return { track, station, ticket, attempt: Number(attempt), part: Number(part) };
}

const pattern =
  /^(?:refs\/heads\/)?k8sta\/(?<track>[^/]{1,63})\/(?<station>[^/]{1,63})\/(?<ticket>[0-9a-f]{1,64})(?:\.(?<attempt>[1-9]\d{0,5})\.(?<part>\d{1,4}))?$/;
