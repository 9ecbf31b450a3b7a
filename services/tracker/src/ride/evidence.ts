import { type ApplicationRef, applicationKey, type PartCommit } from '@k8sta/contracts';
import { type Evidence, observedRevision } from '../judgement/verdict.js';
import type { Promotion, Sighting, TrackState } from './state.js';

/** One Application that a promotion changed, or found as wanted. */
export interface Promoted {
  readonly key: string;
  readonly application: ApplicationRef;
  readonly commit: PartCommit;
  /** The file that names the image. */
  readonly file: string | undefined;
}

/** The Applications that the promotion's commits are about; those left out do not take part. */
export function promotedBy(promotion: Promotion): Promoted[] {
  return promotion.commits.flatMap((commit) =>
    commit.applications
      .filter(({ outcome }) => outcome !== 'leftOut')
      .map((application) => ({ key: applicationKey(application), application, commit, file: application.file })),
  );
}

/** Everything known of one promoted Application. */
export function evidenceOf(state: TrackState, promotion: Promotion, { key, commit }: Promoted): Evidence {
  const sighting = state.sightings[key];
  const request = promotion.requests[commit.part]?.applications.find((each) => applicationKey(each) === key);
  return {
    application: key,
    commit,
    committedAt: promotion.committedAt,
    sourceIndex: request?.sourceIndex ?? 0,
    sighting,
    currentAsOf: sighting && state.currentAsOf[sighting.observed.instance],
    learnt: promotion.learnt[key],
    contained: promotion.contained?.[key],
    windows: sighting ? windowsOf(state, sighting.observed) : [],
  };
}

export function projectKey(instance: string, name: string): string {
  return `${instance}/${name}`;
}

function windowsOf({ projects }: TrackState, { instance, project }: Sighting['observed']): Evidence['windows'] {
  return projects?.[projectKey(instance, project)]?.syncWindows ?? [];
}

/** What the promoter has to be asked before the Ticket can be judged. */
export interface RelationQuestion {
  readonly ticket: string;
  readonly application: string;
  readonly revision: string;
  readonly request: {
    repository: string;
    branch: string;
    commit: string;
    revision: string;
    file?: string;
    image: { repository: string; tag: string; digest?: string | undefined };
  };
}

/**
 * The questions about history that are open: the revision that is observed now has no answer yet, or the answer was
 * `unknown` and is old enough to be asked for again. Answers between two present commits never change and stay.
 */
export function openQuestions(state: TrackState, now: Date, askAgainMs: number): RelationQuestion[] {
  return Object.values(state.riders).flatMap(({ ticket, promotion }) => {
    if (!promotion || (ticket.state.is !== 'syncing' && ticket.state.is !== 'waiting')) return [];
    return promotedBy(promotion).flatMap((promoted) => {
      const evidence = evidenceOf(state, promotion, promoted);
      const revision = observedRevision(evidence);
      const known = evidence.learnt?.revision === revision ? evidence.learnt : undefined;
      if (!revision || (known && !isDue(known, now, askAgainMs))) return [];
      const request = promotion.requests[promoted.commit.part];
      const image = request?.applications.find((each) => applicationKey(each) === promoted.key)?.image;
      if (!request || !image) return [];
      return [
        {
          ticket: ticket.ticket,
          application: promoted.key,
          revision,
          request: {
            repository: request.repository,
            branch: promoted.commit.branch,
            commit: promoted.commit.commit ?? promoted.commit.revision,
            revision,
            ...(promoted.file ? { file: promoted.file } : {}),
            image: { repository: image.repository, tag: image.tag, digest: image.digest },
          },
        },
      ];
    });
  });
}

function isDue(known: { answer: { relation: string }; askedAt: string }, now: Date, askAgainMs: number): boolean {
  return known.answer.relation === 'unknown' && now.getTime() - Date.parse(known.askedAt) >= askAgainMs;
}
