import { parseImage } from '@k8sta/contracts';
import type { Observation } from '../observation.js';
import {
  blocked,
  comparedRevision,
  type Evidence,
  type JudgeLimits,
  observedRevision,
  type Verdict,
  waiting,
} from './verdict.js';

/** What is synced has arrived once it is Healthy and nothing has changed for the settle window. */
export function judgeHealth(evidence: Evidence, observation: Observation, now: Date, limits: JudgeLimits): Verdict {
  const { application } = evidence;
  const { health, operation } = observation.observed;
  if (health.status !== 'Healthy') return judgeUnhealthy(evidence, observation, now, limits);
  if (now.getTime() < settledAt(observation, limits)) {
    return waiting(`${application}: Synced and Healthy, since less than ${limits.settleMs / 1000} s`);
  }
  const rendered = operation?.revisions.includes(comparedRevision(evidence, observation) ?? '') ?? false;
  const instead = rendered ? undefined : runsInstead(evidence, observation);
  if (instead) {
    return blocked(
      `${application}: Argo CD had nothing to deploy for our commit, and ${instead} runs; does the Application override the image, or do its manifest-generate-paths leave our file out?`,
    );
  }
  return { is: 'arrived', revision: observedRevision(evidence) ?? '', rendered };
}

/** What runs of our image's repository, where none of it is our image. Nothing may run at all, as of a CronJob. */
function runsInstead({ image }: Evidence, { observed }: Observation): string | undefined {
  if (!image) return undefined;
  const same = observed.images.filter((spelled) => readImage(spelled)?.repository === image.repository);
  const isOurs = same.some((spelled) => {
    const { tag, digest } = readImage(spelled) ?? {};
    if (tag === undefined) return digest !== undefined && digest === image.digest;
    return tag === image.tag && (digest === undefined || image.digest === undefined || digest === image.digest);
  });
  return isOurs ? undefined : same.join(', ') || undefined;
}

function readImage(spelled: string): ReturnType<typeof parseImage> | undefined {
  try {
    return parseImage(spelled);
  } catch {
    return undefined;
  }
}

/**
 * Workload controllers of resources without `observedGeneration` leave a flash of Healthy before they begin
 * (argo-cd#4669, #22558): what is published is what changed, so that an observation that stands has settled. Counted by
 * when the watcher read it, on our own clock: Argo CD's times are whole seconds.
 */
export function settledAt({ observed }: Observation, { settleMs }: JudgeLimits): number {
  return Date.parse(observed.observedAt) + settleMs;
}

/**
 * When the grace for Degraded is over; undefined while it is not Degraded. It is forgiven when it is seen otherwise, and
 * counts from our commit and from the last sync at the earliest: what was broken before may be what is being mended.
 */
export function graceEndsAt(
  { committedAt }: Evidence,
  observation: Observation,
  limits: JudgeLimits,
): number | undefined {
  const { degradedSince } = observation;
  if (degradedSince === undefined) return undefined;
  return Math.max(Date.parse(degradedSince), Date.parse(committedAt ?? degradedSince)) + limits.degradedGraceMs;
}

function judgeUnhealthy(evidence: Evidence, observation: Observation, now: Date, limits: JudgeLimits): Verdict {
  const { status, message } = observation.observed.health;
  const said = `${evidence.application}: ${status}${message ? `: ${message}` : ''}`;
  if (now.getTime() >= (graceEndsAt(evidence, observation, limits) ?? Number.POSITIVE_INFINITY)) {
    return { is: 'failed', reason: 'Degraded', message: `${said} (since ${observation.degradedSince})` };
  }
  return waiting(status === 'Suspended' ? `${said}; it goes on when somebody resumes it` : said);
}
