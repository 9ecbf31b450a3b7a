import type { ImageRef, Ticket, TicketFailure } from '@k8sta/contracts';
import type { EventOf } from './event.js';
import { promotedBy } from './evidence.js';
import { isLaterPush, isSameImage, laneOrderOf } from './lane.js';
import { questionAbout } from './questions.js';
import { changeByPerson } from './standing.js';
import type { Arrival, Lane, LaneOrder, LiveTicket, Standing, TrackState } from './state.js';

/** How many arrivals a lane remembers for each Station: to go back to, and for the gate `after` of other Tracks. */
const rememberedArrivals = 10;

export function withLane(
  state: TrackState,
  { image }: Pick<Ticket, 'image'>,
  change: (lane: Lane | undefined) => Lane | undefined,
): TrackState {
  const lane = change(state.lanes[image.repository]);
  return lane ? { ...state, lanes: { ...state.lanes, [image.repository]: lane } } : state;
}

export function openIn(lane: Lane | undefined, order: LaneOrder): Lane {
  if (!lane) return { newest: order, entered: {}, arrivals: {}, standing: {} };
  return isLaterPush(lane.newest, order) ? lane : { ...lane, newest: order };
}

export function enter(lane: Lane | undefined, station: string, order: LaneOrder): Lane | undefined {
  return lane && { ...lane, entered: { ...lane.entered, [station]: order } };
}

/** The image of the Ticket is committed at the Station of its promotion; not the one that a rollback brings back. */
export function standIn(lane: Lane | undefined, live: LiveTicket): Lane | undefined {
  const { promotion, ticket } = live;
  if (!lane || !promotion || promotion.kind === 'rollback' || promotedBy(promotion).length === 0) return lane;
  return { ...lane, standing: { ...lane.standing, [promotion.station]: standingOf(live, ticket.image) } };
}

export function arriveIn(lane: Lane | undefined, { ticket }: LiveTicket, event: EventOf<'arrived'>): Lane | undefined {
  if (!lane) return lane;
  const { station, at } = event;
  const arrival: Arrival = { order: laneOrderOf(ticket), image: ticket.image, at };
  const before = lane.arrivals[station] ?? [];
  const standing = lane.standing[station];
  return {
    ...repaired(lane, station),
    arrivals: { ...lane.arrivals, [station]: [arrival, ...before].slice(0, rememberedArrivals) },
    ...(standing && { standing: { ...lane.standing, [station]: { ...standing, arrivedAt: at } } }),
  };
}

/** What has failed at the Station, after its arrival too, is nothing to go back to. */
export function dropArrivals(lane: Lane | undefined, station: string, image: ImageRef): Lane | undefined {
  const arrivals = lane?.arrivals[station]?.filter((arrival) => !isSameImage(arrival.image, image));
  return lane && arrivals ? { ...lane, arrivals: { ...lane.arrivals, [station]: arrivals } } : lane;
}

/** The Station names what it named before: that is what later Tickets are compared with. */
export function rollBackIn(lane: Lane | undefined, live: LiveTicket, event: EventOf<'rolledBack'>): Lane | undefined {
  const image = live.promotion?.parts[0]?.request.applications[0]?.image;
  if (!lane || !image) return lane;
  const { station, at } = event;
  const { [station]: _failed, ...entered } = lane.entered;
  const back = lane.arrivals[station]?.find((arrival) => isSameImage(arrival.image, image));
  const standing: Standing = { ...standingOf(live, image), arrivedAt: at };
  return {
    ...repaired(lane, station),
    entered: back ? { ...entered, [station]: back.order } : entered,
    standing: { ...lane.standing, [station]: standing },
  };
}

/** Failures that leave a Station as it was before the Ticket, or that a person caused. */
const harmless: ReadonlySet<TicketFailure> = new Set([
  'ImageNotNamed',
  'ChangedByOther',
  'RolledBack',
  'StationGone',
  'TrackGone',
  'MaxAge',
]);

/** The Station that a failed Ticket leaves broken; undefined if it committed nothing there, or what it did was undone. */
export function brokenBy({ ticket, promotion }: LiveTicket): string | undefined {
  const { state } = ticket;
  if (state.is !== 'failed' || state.station === undefined || harmless.has(state.reason)) return undefined;
  if (promotion?.station !== state.station) return undefined;
  const isCommitted = promotion.parts.some(({ answer }) => answer.is === 'committed' && answer.commit.commit);
  return isCommitted || promotion.kind === 'rollback' ? state.station : undefined;
}

export function breakIn(lane: Lane | undefined, live: LiveTicket, at: string): Lane | undefined {
  const station = brokenBy(live);
  if (!lane || station === undefined) return lane;
  return { ...lane, brokenSince: { [station]: at, ...lane.brokenSince } };
}

function repaired(lane: Lane, station: string): Lane {
  if (lane.brokenSince?.[station] === undefined) return lane;
  const { [station]: _since, ...brokenSince } = lane.brokenSince;
  return { ...lane, brokenSince };
}

function standingOf(live: LiveTicket, image: Standing['image']): Standing {
  const { promotion, ticket } = live;
  const applications = promotion
    ? promotedBy(promotion).flatMap((promoted) => {
        const request = questionAbout(promoted);
        return request ? [[promoted.key, { request }] as const] : [];
      })
    : [];
  const { repository, tag, digest } = image;
  return {
    ticket: ticket.id,
    image: { repository, tag, ...(digest !== undefined && { digest }) },
    applications: Object.fromEntries(applications),
  };
}

/** After a person's change, neither what K8sTA committed before nor what arrived before says what is there. */
export function resumeIn(state: TrackState, { station, by, at }: EventOf<'personAccepted'>): TrackState {
  const lanes = Object.entries(state.lanes).map(([repository, lane]) => {
    const standing = lane.standing[station];
    if (!standing || changeByPerson(standing) === undefined) return [repository, lane] as const;
    const { [station]: _entered, ...entered } = lane.entered;
    const { [station]: _arrived, ...arrivals } = lane.arrivals;
    const resumed = { ...lane.standing, [station]: { ...standing, resumed: { by, at } } };
    return [repository, { ...lane, entered, arrivals, standing: resumed }] as const;
  });
  return { ...state, lanes: Object.fromEntries(lanes) };
}

export function relateStanding(state: TrackState, event: EventOf<'standingRelated'>): TrackState {
  const { repository, station, application, commit, relation: tip } = event;
  const lane = state.lanes[repository];
  const standing = lane?.standing[station];
  const known = standing?.applications[application];
  // The answer may be about a commit that another has replaced since.
  if (!lane || !standing || known?.request.commit !== commit) return state;
  const applications = { ...standing.applications, [application]: { ...known, tip } };
  const related = { ...lane, standing: { ...lane.standing, [station]: { ...standing, applications } } };
  return { ...state, lanes: { ...state.lanes, [repository]: related } };
}
