import type { gitRelation, ImageRef } from '@k8sta/contracts';
import type { z } from 'zod';
import { failedRevision, observedRevision } from '../arrival/verdict.js';
import type { KnownRelation } from '../observation.js';
import type { Elsewhere, RelationOf } from './event.js';
import { evidenceOf, type Promoted, promotedBy } from './evidence.js';
import type { Moment, Policy } from './policy.js';
import type { TrackState } from './state.js';
import type { Wait } from './step.js';

type Request = z.input<typeof gitRelation.request>;

/** A question to the promoter that a verdict or a gate needs; `about` comes back with the answer. */
export interface RelationQuestion {
  readonly about:
    | {
        readonly type: 'answered';
        readonly ticket: string;
        readonly promotion: string;
        readonly application: string;
        readonly of: RelationOf;
      }
    | {
        readonly type: 'standing';
        readonly repository: string;
        readonly station: string;
        readonly application: string;
        readonly commit: string;
      };
  readonly request: Request;
}

/** A question about another Track, which the tracker answers itself. */
export interface ElsewhereQuestion {
  readonly ticket: string;
  readonly image: ImageRef;
  readonly about: Elsewhere;
}

/** How old an answer about the tip of a branch may be when a Ticket leaves the Station, in milliseconds. */
const tipFreshForMs = 15_000;

/**
 * The open questions about history: a revision has no answer yet, or the answer was `unknown` and is old enough to ask
 * again. Answers about two existing commits never change and are kept; the tip of a branch moves, so the tracker asks about
 * it each time a Ticket could leave or enter a Station. `waits`: what the Tickets wait for.
 */
export function openQuestions(
  state: TrackState,
  waits: ReadonlyMap<string, Wait>,
  moment: Moment,
  policy: Policy,
): RelationQuestion[] {
  const { now } = moment;
  const isDue = (known: KnownRelation) =>
    known.answer.relation === 'unknown' && now.getTime() - Date.parse(known.askedAt) >= policy.askAgainMs;
  const ofTickets = Object.values(state.tickets).flatMap(({ ticket, promotion }) => {
    const current = ticket.state;
    if (!promotion || current.is === 'promoting') return [];
    return promotedBy(promotion).flatMap((promoted): RelationQuestion[] => {
      const evidence = evidenceOf(state, promotion, promoted, moment);
      const about = { ticket: ticket.id, promotion: promotion.id, application: promoted.key } as const;
      const questions: RelationQuestion[] = [];
      const ask = (of: RelationOf, revision: string | undefined) => {
        const request = questionAbout(promoted, revision);
        if (request) questions.push({ about: { type: 'answered', ...about, of }, request });
      };
      const [observed, failed] = [observedRevision(evidence), failedRevision(evidence)];
      const { relation, failedSync } = evidence;
      if (observed && (relation?.revision !== observed || isDue(relation))) ask('relation', observed);
      if (failed && (failedSync?.revision !== failed || isDue(failedSync))) ask('failedSync', failed);
      if (waits.get(ticket.id)?.asksTip && tipIsDue(promotion.applications[promoted.key]?.tip, now, policy))
        ask('tip', undefined);
      return questions;
    });
  });
  return [...ofTickets, ...aboutStanding(state, waits, now, policy)];
}

/** What is there at the Stations that Tickets are about to enter. */
function aboutStanding(
  { tickets, lanes }: TrackState,
  waits: ReadonlyMap<string, Wait>,
  now: Date,
  policy: Policy,
): RelationQuestion[] {
  return [...waits].flatMap(([id, { asksStanding: station }]) => {
    const repository = tickets[id]?.ticket.image.repository;
    if (station === undefined || repository === undefined) return [];
    return Object.entries(lanes[repository]?.standing[station]?.applications ?? {})
      .filter(([, { tip }]) => tipIsDue(tip, now, policy))
      .map(([application, { request }]) => ({
        about: { type: 'standing', repository, station, application, commit: request.commit },
        request,
      }));
  });
}

/**
 * The question how a revision, or without one the tip of the branch, relates to the commit, and whether it names what was
 * promoted; undefined if no image was requested for the Application.
 */
export function questionAbout(
  { application, commit, request, requested }: Promoted,
  revision?: string,
): Request | undefined {
  if (!requested) return undefined;
  const { file, target, alsoIn } = application;
  return {
    repository: request.repository,
    branch: commit.branch,
    commit: commit.commit ?? commit.revision,
    ...(revision !== undefined && { revision }),
    ...(file ? { file, ...(target && { target }), ...(alsoIn && { alsoIn }) } : {}),
    image: { ...requested.image },
  };
}

/** Whether to ask about the tip: there is no answer, it is too old, or it was `unknown` long enough ago. */
export function tipIsDue(tip: KnownRelation | undefined, now: Date, policy: Policy): boolean {
  if (!tip) return true;
  const age = now.getTime() - Date.parse(tip.askedAt);
  return age >= (tip.answer.relation === 'unknown' ? policy.askAgainMs : tipFreshForMs);
}
