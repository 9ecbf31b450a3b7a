import { unreachable } from '@k8sta/text';
import type { Proposal } from '../forge/forge.js';
import { type Landed, type Nothing, type Ready, type Refusal, refuse } from '../part.js';
import type { Action, Facts } from './facts.js';
import { nextOfOpen } from './next-of-open.js';

/**
 * What the promoter does next for a part that is written by pull request. Whatever happened before, also in another process
 * that was killed, the facts alone decide.
 */
export function next(facts: Facts): Action {
  const { look, proposal, wanted } = facts;
  const { plan } = look;
  switch (plan.is) {
    case 'landed':
    case 'nothing':
      return end(facts, plan, 'The target branch names the image already, so there is nothing to merge.');
    case 'missing':
    case 'ready':
      break;
    case 'refused':
      // A refusal may be due to a newer Ticket that the tracker wants instead: its message says so.
      if (isOpen(proposal) && !wanted) return { do: 'askTracker' };
      if (isOpen(proposal) && wanted?.wanted === false) break;
      return end(facts, plan, plan.message);
    default:
      return unreachable('plan', plan);
  }
  if (!wanted) return { do: 'askTracker' };
  if (!wanted.wanted) {
    const because = wanted.message ?? 'the tracker does not want this promotion any more';
    return end(facts, refuse('Withdrawn', because), because);
  }
  if (plan.is !== 'ready') return { do: 'wait', message: missing(proposal), soon: true };
  if (proposal?.state === 'closed' && !facts.isOfEarlierIssue) return end(facts, closed(proposal), '');
  return isOpen(proposal) ? nextOfOpen(facts, proposal, plan) : propose(facts, plan);
}

function isOpen(proposal: Proposal | undefined): proposal is Proposal {
  return proposal?.state === 'open';
}

/** Leaves nothing behind, and then answers: a promoter that is killed in between starts here again. */
function end(facts: Facts, answer: Refusal | Landed | Nothing, because: string): Action {
  const { proposal, look, isDropRefused } = facts;
  if (isOpen(proposal)) return { do: 'close', number: proposal.number, because };
  if (look.head.is === 'ours' && !isDropRefused) return { do: 'drop', commit: look.head.commit };
  return { do: 'answer', answer };
}

/** There is no open pull request yet. */
function propose(facts: Facts, plan: Ready): Action {
  const { look, notAfter, now, isStarted } = facts;
  const { branch } = plan;
  if (now.getTime() > notAfter.getTime()) {
    const message = `the pull request was not opened before ${notAfter.toISOString()}`;
    return end(facts, refuse('Withdrawn', message), message);
  }
  if (!isStarted) return { do: 'start', plan };
  switch (look.head.is) {
    case 'none':
      return { do: 'push', branch, replaces: undefined };
    case 'ours':
      return { do: 'open', branch, plan };
    case 'others':
      return {
        do: 'wait',
        message: `the branch for the pull request has a commit of ${look.head.author}, ${look.head.commit}; delete the branch, then the promoter opens the pull request`,
      };
    default:
      return unreachable('head', look.head);
  }
}

function closed({ number, url, closed: { by } = {} }: Proposal): Refusal {
  const who = by === undefined ? '' : ` by ${by}`;
  return refuse('ProposalClosed', `pull request #${number} was closed${who} without a merge: ${url}`);
}

function missing(proposal: Proposal | undefined): string {
  const name = proposal ? `pull request #${proposal.number}` : 'the pull request';
  return `${name} is merged, and the branch does not show the commit yet`;
}
