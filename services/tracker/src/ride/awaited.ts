import type { Ticket } from '@k8sta/contracts';
import type { Part, TrackState } from './state.js';

/** Whether the promoter has neither committed nor refused the part. */
export function isAwaited({ answer }: Pick<Part, 'answer'>): boolean {
  return answer.is === 'open' || answer.is === 'proposed';
}

/** The part of this promotion if the promoter may still commit or refuse it. */
export function awaitedPart(state: TrackState, ticket: string, promotion: string, part: number): Part | undefined {
  const live = state.tickets[ticket];
  if (!live || !hasRequested(live.ticket) || live.promotion?.id !== promotion) return undefined;
  return live.promotion.parts.find((each) => each.request.part === part && isAwaited(each));
}

/** Whether the promoter may still commit this part. */
export function isWanted(state: TrackState, ticket: string, promotion: string, part: number): boolean {
  return state.tickets[ticket]?.ending === undefined && awaitedPart(state, ticket, promotion, part) !== undefined;
}

/** Whether the promoter may not have answered yet. */
export function hasRequested({ state }: Ticket): boolean {
  return state.is === 'promoting' || (state.is === 'rollingBack' && state.deadline === undefined);
}
