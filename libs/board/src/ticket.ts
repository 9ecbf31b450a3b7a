import { isOver, type ProposalRef, type StateName, type Ticket } from '@k8sta/contracts';
import { sanitizeLine, webAddress } from '@k8sta/text';
import type { Track } from '@k8sta/tracks';
import { imageName } from './image.js';

/** A Ticket as the board shows it. Times are absolute: a painter says how long ago. */
export interface TicketModel {
  readonly id: string;
  /** The tag, with the last part of the repository if the Track has several. */
  readonly image: string;
  readonly repository: string;
  readonly tag: string;
  readonly is: StateName;
  /** The Station below which an open Ticket is shown; undefined before the first one. */
  readonly station?: string | undefined;
  /** The Station that it waits to enter. */
  readonly next?: string | undefined;
  /** The Station at which it failed. */
  readonly failedAt?: string | undefined;
  readonly reason?: string | undefined;
  readonly message: string;
  readonly since: string;
  /** When the wait ends by itself or is looked at again, or the deadline. */
  readonly until?: string | undefined;
  /** The pull requests that wait for their merge; absent without any. */
  readonly proposals?: readonly ProposalModel[];
  readonly pushedAt: string;
  /** A person has to look: it is about a Station in trouble, or it is the last word on its repository and failed. */
  readonly trouble: boolean;
}

/** A pull request, and its page if that is an address of the web. */
export interface ProposalModel {
  readonly name: string;
  readonly link?: string | undefined;
}

export function proposalModel({ provider, number, url }: ProposalRef): ProposalModel {
  return { name: `${provider === 'gitlab' ? '!' : '#'}${number}`, link: webAddress(url) };
}

export function isOpen({ state }: Ticket): boolean {
  return !isOver(state);
}

export function ticketModel(track: Pick<Track, 'images' | 'brought'>, ticket: Ticket, trouble: boolean): TicketModel {
  const { id, image, state, pushedAt } = ticket;
  const { repository, tag } = image;
  const proposals = proposalsOf(ticket);
  return {
    ...{ id, repository, tag, pushedAt, trouble, is: state.is, since: state.since },
    image: sanitizeLine(imageName(track, repository, tag)),
    station: stationOf(ticket),
    next: state.is === 'waiting' ? state.next : undefined,
    failedAt: state.is === 'failed' ? state.station : undefined,
    reason: 'reason' in state && typeof state.reason === 'string' ? state.reason : undefined,
    message: typeof state['message'] === 'string' ? sanitizeLine(state['message']) : '',
    until: untilOf(ticket),
    ...(proposals.length > 0 && { proposals: proposals.map(proposalModel) }),
  };
}

/** The Station below which an open Ticket is shown; undefined before the first one. */
export function stationOf({ state }: Ticket): string | undefined {
  switch (state.is) {
    case 'waiting':
      return state.at;
    case 'promoting':
    case 'syncing':
    case 'rollingBack':
      return state.station;
    default:
      return undefined;
  }
}

function proposalsOf({ state }: Ticket): readonly ProposalRef[] {
  return (state.is === 'promoting' || state.is === 'rollingBack' ? state.proposals : undefined) ?? [];
}

function untilOf(ticket: Ticket): string | undefined {
  const { state } = ticket;
  // People merge when they merge.
  if (proposalsOf(ticket).length > 0) return undefined;
  switch (state.is) {
    case 'waiting':
      return state.until;
    case 'promoting':
      return state.notAfter;
    case 'syncing':
      return state.deadline;
    case 'rollingBack':
      return state.deadline ?? state.notAfter;
    default:
      return undefined;
  }
}
