import { type DataOf, formatImage, type ImageRef, promotionId, tryParseImage } from '@k8sta/contracts';
import { short } from '../arrival/verdict.js';
import type { EventOf } from './event.js';
import { attemptsAt } from './evolve-ticket.js';
import { arrivalsAt, isSameImage } from './lane.js';
import type { LiveTicket, Part, Promotion } from './state.js';
import type { Situation } from './step.js';

type Request = DataOf<'promotion.requested'>;
type Failure = EventOf<'rollsBack'>['failure'];

/**
 * The rollback of what the Ticket has committed at its Station: to the image that last arrived there on this lane, else
 * to what each Application named before the commit. Otherwise why there can be none.
 */
export function planRollback(
  situation: Omit<Situation, 'at'>,
  failure: Failure,
): EventOf<'rollsBack'> | { impossible: string } {
  const { state, live, moment, policy } = situation;
  const { promotion, ticket } = live;
  if (!promotion) return { impossible: 'nothing was committed' };
  if (promotion.kind === 'rollback') return { impossible: 'this was the rollback' };
  const { station } = promotion;
  const last = arrivalsAt(state, live, station).find(({ image }) => !isSameImage(image, ticket.image))?.image;
  const committed = promotion.parts.filter(({ answer }) => answer.is === 'committed' && answer.commit.commit);
  if (committed.length === 0) return { impossible: 'the files named this image before' };
  const id = promotionId(ticket.id, station, attemptsAt(ticket, station) + 1);
  const now = moment.now.getTime();
  const requests: Request[] = [];
  for (const { request: asked, answer } of committed) {
    // They are those of the image that failed.
    const { arrivals: _arrivals, ...request } = asked;
    const applications = backTo(live, { request, answer }, last);
    if ('impossible' in applications) return applications;
    requests.push({
      ...request,
      ...{ promotion: id, part: requests.length, parts: committed.length, issue: 0, kind: 'rollback', applications },
      requestedAt: moment.now.toISOString(),
      notAfter: new Date(now + policy.commitDeadlineMs).toISOString(),
    });
  }
  const to = requests[0]?.applications[0]?.image;
  if (!to) return { impossible: 'nothing was committed' };
  const head = { type: 'rollsBack', ticket: ticket.id, station, promotion: id, requests } as const;
  return { ...head, to: formatImage(to), failure, at: moment.now.toISOString() };
}

/** The Applications of a part that our commit changed, with the image that each goes back to. */
function backTo(
  { ticket }: LiveTicket,
  { request, answer }: Part,
  last: ImageRef | undefined,
): Request['applications'] | { impossible: string } {
  if (answer.is !== 'committed') return [];
  const applications: Request['applications'] = [];
  for (const { namespace, name, outcome, before } of answer.commit.applications) {
    const requested = request.applications.find((each) => each.namespace === namespace && each.name === name);
    if (!requested || outcome !== 'edited') continue;
    const { aliases } = requested.image;
    const image = last ?? imageNamed(before, ticket.image.repository);
    if (!image) return { impossible: `it is unknown what ${namespace}/${name} named before` };
    const wanted = { ...image, ...(aliases && { aliases }) };
    applications.push({ ...requested, image: wanted, replaces: formatReference(ticket.image) });
  }
  return applications;
}

/** What a file named, as an image with a tag; its repository may be that of a mirror. */
function imageNamed(text: string | undefined, repository: string): ImageRef | undefined {
  // Where several places named images, they are joined by commas.
  const [only, ...others] = new Set(text?.split(', '));
  const { tag, digest } = (only === undefined || others.length > 0 ? undefined : tryParseImage(only)) ?? {};
  return tag === undefined ? undefined : { repository, tag, ...(digest !== undefined && { digest }) };
}

function formatReference(image: ImageRef): string {
  return `${formatImage(image)}${image.digest === undefined ? '' : `@${image.digest}`}`;
}

/** What a failed promotion leaves in Git, for a message. */
export function whatStays({ parts }: Promotion): string {
  const commits = parts.flatMap(({ request, answer }) =>
    answer.is === 'committed' && answer.commit.commit
      ? [
          `${short(answer.commit.commit)} on ${answer.commit.branch.replace('refs/heads/', '')} of ${request.repository}`,
        ]
      : [],
  );
  return commits.length === 0 ? '' : `; its commit stays: ${commits.join(', ')}`;
}
