import { planParts } from '@k8sta/applications';
import { type DataOf, partId, promotionId, type Ticket, type WaitReason } from '@k8sta/contracts';
import { sanitizeLine } from '@k8sta/text';
import type { Station, Track } from '@k8sta/tracks';
import type { TrackEvent } from './event.js';
import type { Moment } from './policy.js';
import type { Part, TrackState } from './state.js';

type Request = DataOf<'promotion.requested'>;

/** As many as a request may have. */
const mostArrivals = 100;

/**
 * Which part of the largest message the requests of a promotion may fill. The Track's document is one message, and a save
 * can hold them four times: to be published, and on the Tickets that are on their way into three Stations.
 */
const requestsShare = 4;

/** Why no promotion can be requested yet. */
interface Obstacle {
  readonly reason: WaitReason;
  readonly message: string;
}

/** A promotion as the tracker would request it, or why it cannot yet. */
export type Planned = { promotion: string; requests: Request[] } | { blocked: Obstacle };

/** Makes a request of each part of the Station: each is one commit, and has one outcome. */
export function planPromotion(
  track: Track,
  { observations }: TrackState,
  station: Station,
  ticket: Ticket,
  { now, sourcesOf, maxPayload }: Pick<Moment, 'now' | 'sourcesOf' | 'maxPayload'>,
  commitDeadlineMs: number,
): Planned {
  const planned = planParts({ track, station, image: ticket.image, observations, sourcesOf });
  if ('obstacles' in planned) {
    const { obstacles } = planned;
    const [{ reason }] = obstacles;
    return { blocked: { reason, message: obstacles.map(({ message }) => message).join('; ') } };
  }
  const attempt = ticket.stations.filter((record) => record.station === station.name).length + 1;
  const promotion = promotionId(ticket.id, station.name, attempt);
  const requests = planned.parts.map(
    (each, part): Request => ({
      ...{ promotion, part, parts: planned.parts.length, issue: 0 },
      ...{ ticket: ticket.id, track: track.name, station: station.name },
      ...each,
      ...howToWrite(station, ticket),
      requestedAt: now.toISOString(),
      notAfter: new Date(now.getTime() + commitDeadlineMs).toISOString(),
    }),
  );
  const tooLarge = whyTooLarge(requests, Math.floor(maxPayload / requestsShare));
  return tooLarge ? { blocked: { reason: 'RequestTooLarge', message: tooLarge } } : { promotion, requests };
}

/** A document that NATS does not accept could not be published, and would stop the Track. */
function whyTooLarge(requests: readonly Request[], mostBytes: number): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(requests));
  if (bytes <= mostBytes) return undefined;
  const others = requests.reduce((sum, { protectedSources }) => sum + protectedSources.length, 0);
  const repositories = [...new Set(requests.map(({ repository }) => repository))].join(', ');
  return sanitizeLine(
    `the request names the sources of ${others} other Applications of ${repositories} in ${bytes} bytes, and may have ${mostBytes}, a quarter of the max_payload of the NATS servers: raise it, or divide the repository`,
    2_000,
  );
}

/** Where the image runs already is for the text of a pull request. */
function howToWrite({ write }: Station, { stations }: Ticket): Pick<Request, 'write' | 'arrivals'> {
  if (!write) return {};
  const arrivals = stations.flatMap(({ station, arrivedAt }) =>
    arrivedAt === undefined ? [] : [{ station, arrivedAt }],
  );
  return { write, ...(write.pullRequest && { arrivals: arrivals.slice(-mostArrivals) }) };
}

/** The end of a request's message id. It counts the re-issues, because NATS never delivers the same id again. */
export function requestId({ promotion, part, issue }: Request): string[] {
  return [partId(promotion, part), String(issue)];
}

/** Publishes requests again. Under its old message id, a request that was terminated is not delivered again. */
export function requestedOnceMore(ticket: string, parts: readonly Pick<Part, 'request'>[], at: string): TrackEvent {
  const requests = parts.map(({ request }) => ({ ...request, issue: request.issue + 1 }));
  return { type: 'reissued', ticket, requests, at };
}

/** The sentence for a Ticket whose commits were requested and have no known obstacle. */
export function requestedMessage(count: number): string {
  return `${count === 1 ? 'a commit was' : `${count} commits were`} requested; waiting for the promoter`;
}
