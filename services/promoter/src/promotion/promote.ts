import { setTimeout as pause } from 'node:timers/promises';
import { later, type Outcome } from '@k8sta/bus';
import type { RepositoryAt } from '../git/git.js';
import type { Ready } from '../part.js';
import type { RequestedPart, Surroundings } from './requested-part.js';

/** Lost races in a row after which a part makes room for the others on its branch. */
const maxPushes = 20;

/** Lost races in a row that are tried again at once; then replicas that meet again and again draw lots. */
const patientAfter = 3;

/**
 * Plans the parts of one branch, asks whether they are wanted, and pushes their commits together. Answers each part but
 * those that it returns, which lost a race and have to be pushed again. Rejects with a RemoteFault.
 */
export async function promoteTogether(
  repository: RepositoryAt,
  parts: readonly RequestedPart[],
  { git, metrics, random }: Pick<Surroundings, 'git' | 'metrics' | 'random'>,
): Promise<RequestedPart[]> {
  const unplanned = parts.filter(({ plan }) => !plan);
  if (unplanned.length > 0) {
    const plans = await git.plan(
      repository,
      unplanned.map((each) => each.part()),
    );
    await answerEach(unplanned, async (part, index) => {
      const plan = plans[index];
      if (plan?.is !== 'ready') return plan && part.answer(plan);
      part.plan = plan;
      return undefined;
    });
  }
  const planned = parts.filter(({ plan, isAnswered }) => plan && !isAnswered);
  const wanted = await answerEach(planned, (part) => part.whyNotPush());
  const begun = await answerEach(wanted, (part) => part.sayStarted(part.plan as Ready));
  // Another replica may have begun a part on what was the default branch then: it is planned again, on that one.
  const elsewhere = begun.filter(({ plan, branch }) => plan?.branch !== branch);
  for (const part of elsewhere) part.plan = undefined;
  const ready = begun.filter(({ plan }) => plan);
  const [first] = ready;
  if (!first?.plan) return elsewhere;

  const pushed = await git.push(
    repository,
    ready.map((each) => each.part()),
    first.plan.branch,
  );
  const isLost = pushed.some(({ is }) => is === 'lost');
  if (isLost) metrics.pushLost();
  const staying = await answerEach(ready, (part, index) => {
    const outcome = pushed[index];
    return outcome ? part.pushed(outcome, maxPushes) : Promise.reject(new Error('the push said nothing of a part'));
  });
  const attempts = Math.max(0, ...staying.map(({ lostPushes }) => lostPushes));
  if (isLost && attempts > patientAfter) await pause(random() * 50);
  return [...elsewhere, ...staying];
}

/** Settles each part for which `work` has an outcome, or fails, and returns the others. */
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

/** The answer to parts that cannot be committed for now. */
export function postpone(parts: readonly RequestedPart[], delayMs: () => number, because: string): void {
  for (const part of parts) if (!part.isAnswered) part.settle(later(part.untilDeadline(delayMs()), because));
}
