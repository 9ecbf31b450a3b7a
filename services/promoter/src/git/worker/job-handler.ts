import { setTimeout as pause } from 'node:timers/promises';
import { applicationKey } from '@k8sta/contracts';
import { type Part, type Refusal, refuse } from '../../part.js';
import type { Signs } from './connection.js';
import { isMirrorFault } from './fault.js';
import { Mirror } from './mirror.js';
import { planPart } from './plan-part.js';
import type { AnswerTo, Order, Remote } from './protocol.js';
import { inTurn, pushParts } from './push.js';
import { relate } from './relation.js';

type Answer = AnswerTo<Order['op']>;

/** How far apart the fetches for questions begin at least: those asked in between share the next one. */
const fetchGapMs = 500;

/** For what is only looked at, a fetch that began so long ago serves as well as a new one. */
const freshMs = 3_000;

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
        const [first] = order.parts;
        const branch = await mirror.fetch(order.remote, branchOf(first), signs);
        if (branch === undefined || branch === 'tag') {
          return order.parts.map((part) => missingBranch(order.remote, part, branch));
        }
        return mirror.with((repository) => inTurn(order.parts, (part) => planPart(repository, part, branch, signs)));
      }
      case 'inspect': {
        const branch = await mirror.recent(order.remote, branchOf(order.part), freshMs, signs);
        if (branch === undefined || branch === 'tag') return missingBranch(order.remote, order.part, branch);
        return mirror.with((repository) => planPart(repository, order.part, branch, signs));
      }
      case 'push':
        return pushParts(mirror, order, signs);
      case 'relation': {
        const { revision } = order.question;
        if (revision === undefined) return relateTip(order, signs);
        const ask = () => mirror.with((repository) => relate(repository, { ...order.question, revision }));
        const known = await ask();
        if (known) return known;
        await fetchForQuestion(order, signs);
        return (await ask()) ?? { relation: 'unknown', message: missing(order) };
      }
      default:
        throw new TypeError(`no such order: ${JSON.stringify(order satisfies never)}`);
    }
  };

  /** The branch is fetched first: the question is where it is now. */
  const relateTip = async (order: Extract<Order, { op: 'relation' }>, signs: Signs): Promise<Answer> => {
    await fetchForQuestion(order, signs);
    const revision = mirror.tip(order.question.branch ?? '');
    if (revision === undefined) return { relation: 'unknown', message: `${order.question.branch} does not exist` };
    const answer = await mirror.with((repository) => relate(repository, { ...order.question, revision }));
    return answer ? { ...answer, revision } : { relation: 'unknown', revision, message: missing(order) };
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

function branchOf(part: Part | undefined): string | undefined {
  return part?.started?.branch ?? part?.branch;
}

function missingBranch({ url }: Remote, part: Part, found: 'tag' | undefined): Refusal {
  const branch = branchOf(part);
  if (found === undefined) return refuse('BranchMissing', `${url} has no ${branch ?? 'branch that its HEAD names'}`);
  const revision = branch?.replace(/^refs\/heads\//, '');
  const applications = part.applications.map(applicationKey).join(', ');
  return refuse('BranchMissing', `the targetRevision "${revision}" of ${applications} is a tag; it has to be a branch`);
}

function missing({ question }: Extract<Order, { op: 'relation' }>): string {
  return `${question.branch ?? 'the default branch'} does not hold both ${question.commit} and ${question.revision ?? 'its tip'}`;
}
