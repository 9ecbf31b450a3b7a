import { applicationKey, type PartCommit } from '@k8sta/contracts';
import type { Evidence } from '../arrival/verdict.js';
import type { Observation } from '../observation.js';
import type { Moment } from './policy.js';
import type { Part, Promotion, TrackState } from './state.js';

/** One Application that a promotion changed, or that already named the image. */
export interface Promoted {
  readonly key: string;
  readonly application: PartCommit['applications'][number];
  readonly commit: PartCommit;
  readonly request: Part['request'];
  /** What was requested for it. */
  readonly requested: Part['request']['applications'][number] | undefined;
}

/** The Applications of the promotion's commits, without the skipped ones. */
export function promotedBy({ parts }: Promotion): Promoted[] {
  return parts.flatMap(({ request, answer }) => {
    if (answer.is !== 'committed') return [];
    const { commit } = answer;
    const requested = new Map(request.applications.map((each) => [applicationKey(each), each]));
    return commit.applications
      .filter(({ outcome }) => outcome !== 'skipped')
      .map((application) => ({
        key: applicationKey(application),
        application,
        commit,
        request,
        requested: requested.get(applicationKey(application)),
      }));
  });
}

/** Everything known about one promoted Application. */
export function evidenceOf(
  state: TrackState,
  promotion: Promotion,
  { key, application, commit, request, requested }: Promoted,
  { currentAsOf }: Moment,
): Evidence {
  const observation = state.observations[key];
  const progress = promotion.applications[key];
  return {
    application: key,
    commit,
    committedAt: promotion.committedAt,
    sourceIndex: requested?.sourceIndex ?? 0,
    source: requested && {
      ...{ repository: request.repository, branch: request.branch },
      paths: requested.sources.flatMap(({ path, elsewhere }) => (path === undefined || elsewhere ? [] : [path])),
    },
    file: application.file,
    image: requested?.image,
    observation,
    currentAsOf: observation && currentAsOf[observation.observed.instance],
    relation: progress?.relation,
    failedSync: progress?.failedSync,
    contained: progress?.contained,
    refreshedAt: progress?.refreshes?.askedAt,
    windows: observation ? windowsOf(state, observation.observed) : [],
  };
}

export function projectKey(instance: string, name: string): string {
  return `${instance}/${name}`;
}

function windowsOf({ projects }: TrackState, { instance, project }: Observation['observed']): Evidence['windows'] {
  return projects[projectKey(instance, project)]?.syncWindows ?? [];
}
