import { tryParseImage } from '@k8sta/contracts';
import type { Observation } from '../observation.js';
import {
  type ArrivalPolicy,
  awaitedCommit,
  blocked,
  comparedRevision,
  type Evidence,
  observedRevision,
  refreshWhenQuiet,
  revisionOf,
  type Verdict,
  waiting,
} from './verdict.js';

/** A synced Application has arrived once it is Healthy and has not changed for the settle window. */
export function judgeHealth(evidence: Evidence, observation: Observation, now: Date, policy: ArrivalPolicy): Verdict {
  const { application } = evidence;
  const { health, operation } = observation.observed;
  if (health.status !== 'Healthy') return judgeUnhealthy(evidence, observation, now, policy);
  const synced = revisionOf(operation?.revisions, evidence);
  // Later commits that change nothing here move the compared revision without a sync of their own.
  const rendered = synced !== undefined && [comparedRevision(evidence), awaitedCommit(evidence)].includes(synced);
  const settleMs = rendered && observation.leftHealthy ? policy.settleAfterRolloutMs : policy.settleMs;
  const settledAt = Date.parse(observation.observed.observedAt) + settleMs;
  if (now.getTime() < settledAt) {
    const why = `${application}: Synced and Healthy for less than ${settleMs / 1000} s`;
    return waiting('Settling', why, { until: settledAt });
  }
  const instead = rendered ? undefined : runsInstead(evidence, observation);
  if (instead) {
    const why = `${application}: Argo CD had nothing to deploy for our commit, and ${instead} runs; does the Application override the image, or do its manifest-generate-paths leave our file out?`;
    return waiting('NothingDeployed', why);
  }
  return { is: 'arrived', revision: observedRevision(evidence) ?? '', rendered };
}

/** The images of our repository that run, if our image is not among them. A CronJob may run none at all. */
function runsInstead({ image }: Evidence, { observed }: Observation): string | undefined {
  if (!image) return undefined;
  const same = observed.images.filter((reference) => tryParseImage(reference)?.repository === image.repository);
  const isOurs = same.some((reference) => {
    const { tag, digest } = tryParseImage(reference) ?? {};
    if (tag === undefined) return digest !== undefined && digest === image.digest;
    return tag === image.tag && (digest === undefined || image.digest === undefined || digest === image.digest);
  });
  return isOurs ? undefined : same.join(', ') || undefined;
}

function judgeUnhealthy(evidence: Evidence, observation: Observation, now: Date, policy: ArrivalPolicy): Verdict {
  const { status, message } = observation.observed.health;
  const why = `${evidence.application}: ${status}${message ? `: ${message}` : ''}`;
  const more = refreshWhenQuiet(observation, now);
  switch (status) {
    case 'Progressing':
      return waiting('Progressing', why, more);
    case 'Suspended':
      return blocked('Suspended', `${why}; it continues when somebody resumes it`);
    case 'Degraded': {
      const graceEndsAt = endOfGrace(evidence, observation, policy);
      if (now.getTime() >= graceEndsAt) {
        return { is: 'failed', reason: 'Degraded', message: `${why} (since ${observation.degradedSince})` };
      }
      return waiting('Degraded', why, {
        ...more,
        until: Math.min(graceEndsAt, 'until' in more ? more.until : graceEndsAt),
      });
    }
    default:
      return waiting('HealthMissing', why, more);
  }
}

/**
 * When the grace for Degraded ends. Another health status ends it, and it starts at our commit or at the last sync at the
 * earliest: our commit may fix what was broken before.
 */
function endOfGrace({ committedAt }: Evidence, observation: Observation, { degradedGraceMs }: ArrivalPolicy): number {
  const since = Date.parse(observation.degradedSince ?? observation.observed.observedAt);
  return Math.max(since, committedAt ? Date.parse(committedAt) : since) + degradedGraceMs;
}
