import { unreachable } from '@k8sta/text';
import type { ChecksOf, Proposal } from '../forge/forge.js';
import type { Head, Ready } from '../part.js';
import type { Action, Facts } from './facts.js';

/** The next step for a pull request that is open and wanted, and whose part could be planned on the target branch. */
export function nextOfOpen(facts: Facts, proposal: Proposal, plan: Ready): Action {
  const { branch } = plan;
  const { head } = facts.look;
  if (head.is === 'none') return { do: 'push', branch, replaces: undefined };
  if (!facts.isPublished) return { do: 'publish', branch, proposal };
  if (head.is === 'others')
    return waiting(proposal, `people to merge it: ${head.author} has committed to it, so K8sTA leaves it alone`);
  return head.commit === proposal.commit
    ? nextOfOurs(facts, { proposal, head, plan })
    : waitSoon(proposal, 'the forge to see our last commit');
}

interface Ours {
  readonly proposal: Proposal;
  readonly head: Extract<Head, { is: 'ours' }>;
  readonly plan: Ready;
}

/** It holds nothing but our commit. */
function nextOfOurs(facts: Facts, { proposal, head, plan }: Ours): Action {
  const { mergeable, missing } = proposal;
  if (proposal.isDraft && mergeable !== 'conflict' && mergeable !== 'behind') {
    return waiting(proposal, 'people to mark it as ready: it is a draft');
  }
  switch (mergeable) {
    case 'conflict':
    case 'behind':
      if (head.base !== plan.tip) return { do: 'push', branch: plan.branch, replaces: head.commit };
      return waitSoon(proposal, 'the forge to find out whether it can be merged');
    case 'unknown':
      // By people, too: a conflict that it finds is ours to resolve.
      return waitSoon(proposal, 'the forge to find out whether it can be merged');
    case 'blocked':
      return facts.wish.merge === 'byPeople'
        ? byPeople(proposal)
        : waiting(proposal, missing || 'a rule of the branch');
    case 'yes':
      return nextOfMergeable(facts, { proposal, head, plan });
    default:
      return unreachable('mergeable', mergeable);
  }
}

function nextOfMergeable({ wish, checks }: Facts, { proposal, head, plan }: Ours): Action {
  switch (wish.merge) {
    case 'byPeople':
      return byPeople(proposal);
    case 'auto':
      return { do: 'merge', proposal, plan };
    case 'whenChecksPass':
      if (!checks) return { do: 'askForChecks', commit: head.commit };
      return checks.state === 'passed' ? { do: 'merge', proposal, plan } : waiting(proposal, checksMissing(checks));
    default:
      return unreachable('merge', wish.merge);
  }
}

function checksMissing({ state, names }: ChecksOf): string {
  const list = names.slice(0, 10).join(', ');
  switch (state) {
    case 'none':
      return 'its first check: none was reported for its commit yet';
    case 'pending':
      return `its checks: ${list}`;
    case 'failed':
      return `its checks to pass; failed: ${list}`;
    case 'passed':
      return 'its merge';
    default:
      return unreachable('checks', state);
  }
}

function byPeople(proposal: Proposal): Action {
  const { missing } = proposal;
  return waiting(proposal, `people to merge it${missing ? `: ${missing}` : ''}`);
}

function waiting({ number }: Proposal, what: string): Action {
  return { do: 'wait', message: `pull request #${number} waits for ${what}` };
}

function waitSoon({ number }: Proposal, what: string): Action {
  return { do: 'wait', message: `pull request #${number} waits for ${what}`, soon: true };
}
