import { later, type Outcome } from '@k8sta/bus';
import type { RepositoryAt } from '../git/git.js';
import type { Ready } from '../part.js';
import type { PromotionContext, RequestedPart } from './requested-part.js';
import { traceStep } from './trace-step.js';

/**
 * Plans the parts of one branch, asks the tracker whether it still wants them, and writes them together. A part that is
 * not answered has to be tried again. Rejects with a RemoteFault.
 */
export async function promoteTogether(
  repository: RepositoryAt,
  parts: readonly RequestedPart[],
  { git, write, tracing }: Pick<PromotionContext, 'git' | 'write' | 'tracing'>,
): Promise<void> {
  await planEach(repository, parts, { git, tracing });
  const planned = parts.filter(({ plan, isAnswered }) => plan && !isAnswered);
  const wanted = await answerEach(planned, (part) => part.whyNotPush());
  const started = await answerEach(wanted, (part) => part.publishStarted(part.plan as Ready));
  // Another replica may have started a part when the default branch was another one: plan it again, on that branch.
  for (const part of started) if (part.plan?.branch !== part.branch) part.plan = undefined;
  const ready = started.filter(({ plan }) => plan);
  const branch = ready[0]?.plan?.branch;
  if (branch === undefined) return;

  const landings = await traceStep(tracing, 'push', ready, () => write.land({ repository, branch }, ready));
  await answerEach(ready, (part, index) => {
    const landing = landings[index];
    return landing ? part.written(landing) : Promise.reject(new Error('the write has no result for a part'));
  });
}

/** Plans the parts that have no plan yet, and answers those that need no commit. */
async function planEach(
  repository: RepositoryAt,
  parts: readonly RequestedPart[],
  { git, tracing }: Pick<PromotionContext, 'git' | 'tracing'>,
): Promise<void> {
  const unplanned = parts.filter(({ plan }) => !plan);
  if (unplanned.length === 0) return;
  const onNote = (note: string) => {
    for (const part of unplanned) part.onNote(note);
  };
  const asParts = unplanned.map((each) => each.part());
  const plans = await traceStep(tracing, 'plan', unplanned, () => git.plan(repository, asParts, onNote));
  await answerEach(unplanned, async (part, index) => {
    const plan = plans[index];
    if (plan?.is !== 'ready') return plan && part.answer(plan);
    part.plan = plan;
    return undefined;
  });
}

/** Settles each part for which `work` returns an outcome or fails, and returns the other parts. */
export async function answerEach(
  parts: readonly RequestedPart[],
  work: (part: RequestedPart, index: number) => Promise<Outcome | undefined> | undefined,
): Promise<RequestedPart[]> {
  await Promise.all(
    parts.map(async (part, index) => {
      try {
        const outcome = await work(part, index);
        if (outcome) part.settle(outcome);
      } catch (error) {
        part.reject(error as Error);
      }
    }),
  );
  return parts.filter(({ isAnswered }) => !isAnswered);
}

/** Settles the parts that cannot be committed now: the bus delivers them again later. */
export function postpone(parts: readonly RequestedPart[], delayMs: () => number, because: string): void {
  for (const part of parts) if (!part.isAnswered) part.settle(later(part.untilDeadline(delayMs()), because));
}
