import { isVersion, membersOf, type Obstacle, type PartsWanted, pinnedBy, planParts } from '@k8sta/applications';
import { type ApplicationRef, applicationKey, type PromotedApplication } from '@k8sta/contracts';
import type { ApplicationAnswer, FileAnswer, StationAnswer } from './answer.js';
import type { Checkouts } from './checkouts.js';
import { type PartAnswer, planPart } from './plan-part.js';

interface Refusal {
  readonly reason: string;
  readonly message: string;
  /** The Applications that are in the way; none, if another Station's are. */
  readonly applications: readonly string[];
}

const asAWhole = 'a Station is promoted as a whole, and another Application is in the way';

/** Plans a promotion into one Station as if no other were planned: as a whole, or not at all. */
export async function planStation(checkouts: Checkouts, wanted: PartsWanted): Promise<StationAnswer> {
  const { station, observations } = wanted;
  const members = membersOf(observations, station).map(applicationKey);
  const planned = planParts(wanted);
  if ('obstacles' in planned) return refused(station.name, members, planned.obstacles.map(ofObstacle));
  const refusals: Refusal[] = [];
  const answers: ApplicationAnswer[] = [];
  const files: FileAnswer[] = [];
  for (const part of planned.parts) {
    const answer = await planPart(checkouts, station.name, part);
    if (answer.is === 'refused') refusals.push(withPins(ofPart(answer, part.applications), observations));
    else {
      files.push(...answer.files);
      answers.push(...answer.applications.map(answerOf));
    }
  }
  if (refusals.length > 0) return refused(station.name, members, refusals);
  if (answers.every(({ outcome }) => outcome === 'skipped')) {
    return refused(station.name, members, answers.map(notNamed));
  }
  return { station: station.name, applications: inOrder(members, answers), files };
}

function refused(station: string, members: readonly string[], refusals: readonly Refusal[]): StationAnswer {
  const applications = members.map((application): ApplicationAnswer => {
    const own = refusals.find((each) => each.applications.includes(application));
    if (!own) return { application, outcome: 'held', message: asAWhole };
    return { application, outcome: 'refused', reason: own.reason, message: own.message };
  });
  const message = [...new Set(refusals.map((each) => each.message))].join('; ');
  return { station, reason: refusals[0]?.reason ?? 'NothingSelected', message, applications, files: [] };
}

function ofObstacle({ reason, message, application }: Obstacle): Refusal {
  return { reason, message, applications: application ? [applicationKey(application)] : [] };
}

/** The planner stops at the first Application that is in the way, and most messages name it. */
function ofPart(
  { reason, message }: Extract<PartAnswer, { is: 'refused' }>,
  members: readonly ApplicationRef[],
): Refusal {
  const keys = members.map(applicationKey);
  const named = keys.filter((key) => names(message, key));
  return { reason, message, applications: named.length > 0 ? named : keys };
}

/** The image may be in a source that is at a tag or a commit, where no commit of ours can go. */
function withPins(refusal: Refusal, observations: PartsWanted['observations']): Refusal {
  if (refusal.reason !== 'ImageNotNamed') return refusal;
  const pins = refusal.applications.flatMap((key) =>
    (observations[key]?.observed.sources ?? [])
      .filter(({ chart }) => chart === undefined)
      .map(({ targetRevision }) => targetRevision)
      .filter((each) => pinnedBy(each) !== undefined || isVersion(each)),
  );
  if (pins.length === 0) return refusal;
  const named = [...new Set(pins)].map((each) => `"${each}"`).join(', ');
  return {
    ...refusal,
    message: `${refusal.message}; its sources at ${named} follow no branch, so nothing is committed there`,
  };
}

/** Whether the text has this name, and not only a longer one that begins with it. */
function names(message: string, key: string): boolean {
  for (let at = message.indexOf(key); at >= 0; at = message.indexOf(key, at + 1)) {
    if (!/^(-|\.?[a-z0-9])/.test(message.slice(at + key.length))) return true;
  }
  return false;
}

function answerOf({ outcome, message, ...application }: PromotedApplication): ApplicationAnswer {
  return { application: applicationKey(application), outcome, ...(message !== undefined && { message }) };
}

/** A Ticket must not pass a Station where its image never runs. */
function notNamed({ application, message }: ApplicationAnswer): Refusal {
  const why = message ?? 'its files do not name the image';
  return { reason: 'ImageNotNamed', message: `${application}: ${why}`, applications: [application] };
}

function inOrder(members: readonly string[], answers: readonly ApplicationAnswer[]): ApplicationAnswer[] {
  return members.flatMap((member) => answers.filter(({ application }) => application === member));
}
