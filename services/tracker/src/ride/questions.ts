import { applicationKey, type gitRelation } from '@k8sta/contracts';
import type { z } from 'zod';
import { type Evidence, failedRevision, observedRevision } from '../arrival/verdict.js';
import type { KnownRelation } from '../observation.js';
import type { RelationOf } from './event.js';
import { evidenceOf, promotedBy } from './evidence.js';
import type { Moment, Policy } from './policy.js';
import type { TrackState } from './state.js';

/** A question to the promoter that a verdict needs. */
export interface RelationQuestion {
  readonly ticket: string;
  readonly promotion: string;
  readonly application: string;
  readonly of: RelationOf;
  readonly request: z.input<typeof gitRelation.request>;
}

/** How old an answer about the tip of a branch may be when a Ticket leaves the Station, in milliseconds. */
export const tipFreshForMs = 15_000;

/**
 * The open questions about history: a revision has no answer yet, or the answer was `unknown` and is old enough to ask
 * again. Answers about two existing commits never change and are kept; the tip of a branch moves, so the tracker asks about
 * it each time a Ticket could leave. `leaving`: the Tickets that wait only for that answer.
 */
export function openQuestions(
  state: TrackState,
  leaving: ReadonlySet<string>,
  moment: Moment,
  policy: Policy,
): RelationQuestion[] {
  const { now } = moment;
  const isDue = (known: KnownRelation) =>
    known.answer.relation === 'unknown' && now.getTime() - Date.parse(known.askedAt) >= policy.askAgainMs;
  return Object.values(state.tickets).flatMap(({ ticket, promotion }) => {
    const current = ticket.state;
    if (!promotion || (current.is !== 'syncing' && current.is !== 'waiting')) return [];
    return promotedBy(promotion).flatMap((promoted): RelationQuestion[] => {
      const evidence = evidenceOf(state, promotion, promoted, moment);
      const about = { ticket: ticket.id, promotion: promotion.id, application: promoted.key };
      const questions: RelationQuestion[] = [];
      const ask = (of: RelationOf, revision: string | undefined) => {
        const request = requestOf(evidence, revision);
        if (request) questions.push({ ...about, of, request });
      };
      const [observed, failed] = [observedRevision(evidence), failedRevision(evidence)];
      const { relation, failedSync } = evidence;
      if (observed && (relation?.revision !== observed || isDue(relation))) ask('relation', observed);
      if (failed && (failedSync?.revision !== failed || isDue(failedSync))) ask('failedSync', failed);
      if (leaving.has(ticket.id) && tipIsDue(promotion.applications[promoted.key]?.tip, now, policy))
        ask('tip', undefined);
      return questions;
    });
  });
}

/** Whether to ask about the tip: there is no answer, it is too old, or it was `unknown` long enough ago. */
export function tipIsDue(tip: KnownRelation | undefined, now: Date, policy: Policy): boolean {
  if (!tip) return true;
  const age = now.getTime() - Date.parse(tip.askedAt);
  return age >= (tip.answer.relation === 'unknown' ? policy.askAgainMs : tipFreshForMs);
}

function requestOf(
  { application, commit, source, file, image }: Evidence,
  revision: string | undefined,
): RelationQuestion['request'] | undefined {
  if (!source || !image) return undefined;
  const { target, alsoIn } = commit.applications.find((each) => applicationKey(each) === application) ?? {};
  return {
    repository: source.repository,
    branch: commit.branch,
    commit: commit.commit ?? commit.revision,
    ...(revision !== undefined && { revision }),
    ...(file ? { file, ...(target && { target }), ...(alsoIn && { alsoIn }) } : {}),
    image: { ...image },
  };
}
