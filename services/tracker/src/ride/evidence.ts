import { type ApplicationRef, applicationKey, type gitRelation, type PartCommit } from '@k8sta/contracts';
import type { z } from 'zod';
import { type Evidence, failedRevision, observedRevision } from '../judgement/verdict.js';
import type { Learnt, Promotion, Sighting, TrackState } from './state.js';

/** One Application that a promotion changed, or found as wanted. */
export interface Promoted {
  readonly key: string;
  readonly application: ApplicationRef;
  readonly commit: PartCommit;
  /** The file that names the image. */
  readonly file: string | undefined;
}

/** The Applications that the promotion's commits are about; skipped ones do not take part. */
export function promotedBy(promotion: Promotion): Promoted[] {
  return promotion.commits.flatMap((commit) =>
    commit.applications
      .filter(({ outcome }) => outcome !== 'skipped')
      .map((application) => ({ key: applicationKey(application), application, commit, file: application.file })),
  );
}

/** Everything known of one promoted Application. */
export function evidenceOf(state: TrackState, promotion: Promotion, { key, commit, file }: Promoted): Evidence {
  const sighting = state.sightings[key];
  const part = promotion.requests[commit.part];
  const request = part?.applications.find((each) => applicationKey(each) === key);
  return {
    application: key,
    commit,
    committedAt: promotion.committedAt,
    sourceIndex: request?.sourceIndex ?? 0,
    source: part && request && { repository: part.repository, branch: part.branch, path: request.path },
    file,
    image: request?.image,
    sighting,
    currentAsOf: sighting && state.currentAsOf[sighting.observed.instance],
    learnt: promotion.learnt[key],
    failedSync: promotion.failedSyncs?.[key],
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
  /** Of what is compared, where it is not of a sync that failed. */
  readonly of?: 'failedSync';
  readonly revision: string;
  readonly request: z.input<typeof gitRelation.request>;
}

/**
 * The questions about history that are open: the revision that is observed now has no answer yet, or the answer was
 * `unknown` and is old enough to be asked for again. Answers between two present commits never change and stay.
 */
export function openQuestions(state: TrackState, now: Date, askAgainMs: number): RelationQuestion[] {
  const isOpen = (revision: string, known: Learnt | undefined) =>
    known?.revision !== revision || isDue(known, now, askAgainMs);
  return Object.values(state.riders).flatMap(({ ticket: { ticket, state: is }, promotion }) => {
    if (!promotion || (is.is !== 'syncing' && is.is !== 'waiting')) return [];
    return promotedBy(promotion).flatMap((promoted): RelationQuestion[] => {
      const evidence = evidenceOf(state, promotion, promoted);
      const about = { ticket, application: promoted.key };
      const [observed, failed] = [observedRevision(evidence), failedRevision(evidence)];
      return [
        ...(observed && isOpen(observed, evidence.learnt)
          ? requestOf(evidence, observed).map((request) => ({ ...about, revision: observed, request }))
          : []),
        ...(failed && isOpen(failed, evidence.failedSync)
          ? requestOf(evidence, failed).map((request) => ({
              ...about,
              of: 'failedSync' as const,
              revision: failed,
              request,
            }))
          : []),
      ];
    });
  });
}

function requestOf(
  { application, commit, source, file, image }: Evidence,
  revision: string,
): RelationQuestion['request'][] {
  if (!source || !image) return [];
  const { target, alsoIn } = commit.applications.find((each) => applicationKey(each) === application) ?? {};
  return [
    {
      repository: source.repository,
      branch: commit.branch,
      commit: commit.commit ?? commit.revision,
      revision,
      ...(file ? { file, ...(target && { target }), ...(alsoIn && { alsoIn }) } : {}),
      image: { ...image },
    },
  ];
}

function isDue(known: Learnt, now: Date, askAgainMs: number): boolean {
  return known.answer.relation === 'unknown' && now.getTime() - Date.parse(known.askedAt) >= askAgainMs;
}
