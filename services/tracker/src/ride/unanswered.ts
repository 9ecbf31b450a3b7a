import { isAwaited } from './awaited.js';
import { requestedMessage } from './plan-promotion.js';
import { proposalTimes, proposedParts } from './proposals.js';
import type { Part, Promotion } from './state.js';
import type { Situation, Wait } from './step.js';

type Unanswered = Omit<Situation, 'at'> & { readonly at: { readonly station: string; readonly notAfter: string } };

/** What the promoter reported about the parts that it has not committed or refused yet. */
export function unanswered(situation: Unanswered, promotion: Promotion): Wait {
  const { at, moment } = situation;
  const proposed = proposedParts(promotion);
  const others = promotion.parts.filter(({ answer }) => answer.is !== 'proposed');
  if (proposed.length === 0) return waitForCommits(others, at.notAfter, moment.now);
  const said = proposed.map(({ answer: { proposal, since, message } }) => {
    return `the pull request ${proposal.url} has been open since ${since} and waits for its merge${message ? `: ${message}` : ''}`;
  });
  const times = proposalTimes(situation, promotion);
  if (!others.some(isAwaited)) return { reason: 'ProposalOpen', message: said.join('; '), wake: ['answer', ...times] };
  const commits = waitForCommits(others, at.notAfter, moment.now);
  return { ...commits, message: [commits.message, ...said].join('; '), wake: [...commits.wake, ...times] };
}

function waitForCommits(parts: readonly Part[], notAfter: string, now: Date): Wait {
  const delays = parts.flatMap(({ answer }) => (answer.is === 'open' && answer.delay ? [answer.delay] : []));
  const said = [...new Set(delays)].join('; ');
  const end = Date.parse(notAfter);
  if (now.getTime() > end) {
    const last = said ? `; last: ${said}` : '';
    const message = `no answer from the promoter, though nothing may be committed since ${notAfter}${last}; is it running?`;
    return { reason: 'PromoterSilent', message, wake: ['answer'] };
  }
  const wake = ['answer', end + 1] as const;
  if (!said) return { reason: 'CommitRequested', message: requestedMessage(parts.length), wake };
  return { reason: 'CommitDelayed', message: `cannot be committed yet: ${said}; retried until ${notAfter}`, wake };
}
