import { setTimeout as pause } from 'node:timers/promises';
import { applicationKey } from '@k8sta/contracts';
import { refuse } from '../part.js';
import type { Signs } from './connection.js';
import { isMirrorFault } from './fault.js';
import { Mirror } from './mirror.js';
import { planPart } from './plan.js';
import type { AnswerTo, Order } from './protocol.js';
import { commitAndPush } from './push.js';
import { relate } from './relation.js';

type Answer = AnswerTo<Order['op']>;

/** How far apart the fetches for questions begin at least: those asked in between share the next one. */
const fetchGapMs = 500;

/** Carries out orders on the mirror in this directory. */
export function answerable(directory: string): (order: Order, signs: Signs) => Promise<Answer> {
  const mirror = new Mirror(directory);
  const questions = new Map<string, Promise<unknown>>();
  let lastAnew = Number.NEGATIVE_INFINITY;

  /** One fetch that has not begun yet serves all questions that came before it. */
  const fetchForQuestion = (order: Extract<Order, { op: 'relation' }>, signs: Signs): Promise<unknown> => {
    const branch = order.question.branch;
    const key = branch ?? '';
    const joined = questions.get(key);
    if (joined) return joined;
    const fetched = pause(Math.max(0, fetchGapMs - mirror.sinceFetch(branch))).then(() => {
      questions.delete(key);
      return mirror.fetch(order.remote, branch, signs);
    });
    questions.set(key, fetched);
    return fetched;
  };

  const carryOut = async (order: Order, signs: Signs): Promise<Answer> => {
    switch (order.op) {
      case 'plan': {
        const wanted = order.part.started?.branch ?? order.part.branch;
        const branch = await mirror.fetch(order.remote, wanted, signs);
        if (branch === 'tag') return refuse('BranchMissing', tagInsteadOf(wanted, order.part));
        if (!branch)
          return refuse('BranchMissing', `${order.remote.url} has no ${wanted ?? 'branch that its HEAD names'}`);
        return mirror.with((repository) => planPart(repository, order.part, branch, signs));
      }
      case 'push':
        return mirror.with((repository) => commitAndPush(repository, order, signs));
      case 'relation': {
        const ask = () => mirror.with((repository) => relate(repository, order.question));
        const known = await ask();
        if (known) return known;
        await fetchForQuestion(order, signs);
        return (await ask()) ?? { relation: 'unknown', message: missing(order) };
      }
      default:
        throw new TypeError(`no such order: ${JSON.stringify(order satisfies never)}`);
    }
  };

  return async (order, signs) => {
    try {
      return await carryOut(order, signs);
    } catch (error) {
      // It is only a cache: made anew, but not again and again.
      if (!isMirrorFault(error) || performance.now() - lastAnew < 60_000) throw error;
      lastAnew = performance.now();
      await mirror.discard();
      return carryOut(order, signs);
    }
  };
}

function tagInsteadOf(branch: string | undefined, { applications }: Extract<Order, { op: 'plan' }>['part']): string {
  const revision = branch?.replace(/^refs\/heads\//, '');
  return `the targetRevision "${revision}" of ${applications.map(applicationKey).join(', ')} is a tag, where a branch is needed`;
}

function missing({ question }: Extract<Order, { op: 'relation' }>): string {
  return `${question.branch ?? 'the default branch'} does not hold both ${question.commit} and ${question.revision}`;
}
