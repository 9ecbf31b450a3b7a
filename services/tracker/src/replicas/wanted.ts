import type { Bus } from '@k8sta/bus';
import { promotionWanted, toReplica, wantedForOwner } from '@k8sta/contracts';
import type { z } from 'zod';
import type { AskOwner } from './ask-owner.js';
import type { Owners } from './owner.js';

/** The answer to the promoter's question whether it should still commit. */
export type AnswerWanted = (
  request: z.output<typeof promotionWanted.request>,
) => Promise<z.input<typeof promotionWanted.reply>>;

/** Answers the promoter: the owner of the Track does, or this replica if the owner does not answer. */
export function answerByOwner(
  bus: Pick<Bus, 'answer'>,
  self: string,
  { ownerOf }: Pick<Owners, 'ownerOf'>,
  askOwner: AskOwner,
  answer: AnswerWanted,
): void {
  bus.answer(promotionWanted, async (request) => {
    const owner = ownerOf(request.track) ?? self;
    if (owner === self) return answer(request);
    return (await askOwner(wantedForOwner, owner, request)) ?? answer(request);
  });
  bus.answer(toReplica(wantedForOwner, self), answer);
}
