import { eventId, type ForgeProvider, type ProposalBranch } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import type { Mention, ProposalChanged } from './mention.js';

export interface HintOf {
  readonly provider: ForgeProvider;
  readonly proposal: ProposalBranch;
  readonly mention: Mention;
  /** Of the bytes that mention it. */
  readonly hash: string;
  readonly receivedAt: Date;
  readonly traceparent: string;
}

/** The event that a mention becomes. The same bytes are the same message, at whatever replica. */
export function hintOf({ provider, proposal, mention, hash, receivedAt, traceparent }: HintOf): ProposalChanged {
  const { track, station, ticket, attempt, part } = proposal;
  const { number, what } = mention;
  const by = sanitizeLine(mention.by ?? '', 200);
  return {
    type: 'proposal.changed',
    id: eventId('proposal.changed', provider, track, station, ticket, attempt, part, what, hash),
    ticketId: ticket,
    traceparent,
    data: {
      ...{ track, station, ticket, attempt, part, provider, what },
      repository: sanitizeLine(mention.repository, 2_048),
      ...(number !== undefined && { number }),
      ...(by !== '' && { by }),
      receivedAt: receivedAt.toISOString(),
    },
  };
}
