import { type DataOf, formatImage, type ImageRef } from '@k8sta/contracts';
import { webAddress } from '@k8sta/text';

/** The events that a rule may select. */
export const noticeTypes = [
  'ticket.waiting',
  'ticket.arrived',
  'ticket.completed',
  'ticket.failed',
  'ticket.rollingBack',
  'ticket.superseded',
  'ticket.cancelled',
  'promotion.proposed',
  'operator.word',
  'track.checked',
  'dead.letter',
] as const;
export type NoticeType = (typeof noticeTypes)[number];

/** One thing that is wrong, or that happened: a Track may have several findings, everything else is one. */
export interface Item {
  readonly station?: string | undefined;
  readonly application?: string | undefined;
  readonly reason?: string | undefined;
  readonly message: string;
}

/** What an event says to people. */
export interface Notice {
  /** `ticket.promoting` is in no rule: it only says that a wait is over. */
  readonly type: NoticeType | 'ticket.promoting';
  /** The id of the event. */
  readonly id: string;
  /** Its place in its stream: it orders the notices of one thread. */
  readonly sequence: number;
  readonly time: Date;
  /** What the messages of one thread are about: a Ticket, a Track, one word, or the dead letters of a service. */
  readonly thread: string;
  /** Notices of one occasion say the same again, perhaps in other words. */
  readonly occasion: string;
  /** `problem` needs a person; an edited message alerts nobody, so a new problem is posted as well. */
  readonly mood: 'problem' | 'news';
  readonly track?: string | undefined;
  readonly ticket?: string | undefined;
  readonly image?: ImageRef | undefined;
  readonly by?: string | undefined;
  readonly verb?: string | undefined;
  /** Of a wait: since when, and until when if that is known. */
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** What has happened, after the name of the Track and the image: `failed`, `is completed`. */
  readonly status: string;
  readonly items: readonly Item[];
  /** The page of a pull request. */
  readonly proposal?: string | undefined;
}

/** The events that are read; `ticket.syncing` is a wait for Argo CD. */
type ReadType = NoticeType | 'ticket.promoting' | 'ticket.syncing';

/** An event with its place in its stream. */
interface Placed<Type extends ReadType> {
  readonly type: Type;
  readonly id: string;
  readonly sequence: number;
  readonly time: Date;
  readonly data: DataOf<Type>;
}

export type AnyPlaced = { [Type in ReadType]: Placed<Type> }[ReadType];

/** What the event says to people. */
export function noticeOf(event: AnyPlaced): Notice {
  switch (event.type) {
    case 'ticket.waiting': {
      const { at, next, reason, message, since, until } = event.data;
      const station = next ?? at;
      return {
        ...aboutTicket(event, 'problem', 'waits'),
        occasion: occasionOf({ is: 'waiting', at, next, reason }),
        since: new Date(since),
        ...(until !== undefined && { until: new Date(until) }),
        items: [{ station, reason, message }],
      };
    }
    case 'ticket.syncing': {
      const { station, reason, message } = event.data;
      return {
        ...aboutTicket(event, 'problem', 'waits for Argo CD'),
        occasion: occasionOf({ is: 'syncing', station, reason }),
        items: [{ station, reason, message }],
      };
    }
    case 'ticket.promoting': {
      const { station } = event.data;
      const items = [{ station, message: `The commits for ${station} are requested.` }];
      return { ...aboutTicket(event, 'news', 'goes on'), items };
    }
    case 'ticket.arrived': {
      const { station, applications } = event.data;
      const names = applications.map(({ namespace, name }) => `${namespace}/${name}`).join(', ');
      return { ...aboutTicket(event, 'news', 'arrived'), items: [{ station, message: names }] };
    }
    case 'ticket.completed': {
      const station = event.data.stations.at(-1)?.station;
      const message = 'It has arrived at the last Station.';
      return { ...aboutTicket(event, 'news', 'is completed'), items: [{ station, message }] };
    }
    case 'ticket.failed': {
      const { station, reason, message } = event.data;
      return { ...aboutTicket(event, 'problem', 'failed'), items: [{ station, reason, message }] };
    }
    case 'ticket.rollingBack': {
      const { station, to, reason, message } = event.data;
      return { ...aboutTicket(event, 'problem', `rolls back to ${to}`), items: [{ station, reason, message }] };
    }
    case 'ticket.superseded': {
      const { reason, message } = event.data;
      return { ...aboutTicket(event, 'news', 'is superseded'), items: [{ reason, message }] };
    }
    case 'ticket.cancelled': {
      const { station, by, message } = event.data;
      return { ...aboutTicket(event, 'news', `is cancelled by ${by}`), by, items: [{ station, message }] };
    }
    case 'promotion.proposed':
      return aboutProposal(event);
    case 'operator.word':
      return aboutWord(event);
    case 'track.checked':
      return aboutTrack(event);
    case 'dead.letter':
      return aboutDeadLetters(event);
  }
}

type Waiting =
  | {
      readonly is: 'waiting';
      readonly at?: string | undefined;
      readonly next?: string | undefined;
      readonly reason: string;
    }
  | { readonly is: 'syncing'; readonly station: string; readonly reason: string };

/** A wait is the same as long as the Ticket is there and waits for that. */
export function occasionOf(state: Waiting): string {
  const place = state.is === 'waiting' ? `${state.at ?? ''}/${state.next ?? ''}` : state.station;
  return `${state.is}/${place}/${state.reason}`;
}

type TicketEvent = Extract<AnyPlaced, { data: { ticket: string; image: ImageRef } }> & {
  data: { track: string; ticket: string; image: ImageRef };
};

function aboutTicket(event: TicketEvent, mood: Notice['mood'], status: string): Omit<Notice, 'items'> {
  const { id, sequence, time, data } = event;
  // Rules select a wait for Argo CD as any other wait.
  const type = event.type === 'ticket.syncing' ? 'ticket.waiting' : event.type;
  const { track, ticket, image } = data;
  return {
    type,
    id,
    sequence,
    time,
    thread: `ticket.${track}.${ticket}`,
    occasion: id,
    mood,
    track,
    ticket,
    image,
    status,
  };
}

/** It belongs to the messages of its Ticket; only where people merge does it need one of them. */
function aboutProposal({ type, id, sequence, time, data }: Placed<'promotion.proposed'>): Notice {
  const { track, ticket, station, url, request } = data;
  const isByPeople =
    request.write?.pullRequest?.merge !== 'auto' && request.write?.pullRequest?.merge !== 'whenChecksPass';
  const [first] = request.applications;
  const page = webAddress(url);
  return {
    ...{ type, id, sequence, time, thread: `ticket.${track}.${ticket}`, occasion: id, track, ticket },
    image: first?.image,
    mood: isByPeople ? 'problem' : 'news',
    status: isByPeople ? 'needs a merge' : 'is merged by K8sTA once the forge permits it',
    items: [{ station, ...(isByPeople && { reason: 'ProposalOpen' }), message: `pull request ${url}` }],
    ...(page !== undefined && { proposal: page }),
  };
}

/** Each word is a thread of its own: it answers to nothing before it. */
function aboutWord({ type, id, sequence, time, data }: Placed<'operator.word'>): Notice {
  const { track, verb, by, station, ticket, image, name, outcome, message = '' } = data;
  const on = [name && `(${name}: ${outcome})`, image && formatImage(image)];
  return {
    ...{ type, id, sequence, time, thread: `word.${sequence}`, occasion: id, mood: 'news' },
    ...{ track, ticket, image, by, verb },
    status: [`${by} says ${verb}`, ...on].filter((part) => part).join(' '),
    items: [{ station, message }],
  };
}

function aboutTrack({ type, id, sequence, time, data }: Placed<'track.checked'>): Notice {
  const { track, findings } = data;
  const items = findings.map(({ station, application, reason, message }) => ({
    station,
    application: application && `${application.namespace}/${application.name}`,
    reason,
    message,
  }));
  return { ...{ type, id, sequence, time, thread: `track.${track}`, track }, ...summaryOf(items) };
}

/** The parts of the notice that follow from the findings that a rule has left. */
export function summaryOf(items: readonly Item[]): Pick<Notice, 'occasion' | 'mood' | 'status' | 'items'> {
  const keys = items.map(({ station, application, reason }) => `${station}/${application ?? ''}/${reason}`);
  const count = items.length === 1 ? 'one problem' : `${items.length} problems`;
  return {
    occasion: `findings/${keys.sort().join(',')}`,
    mood: items.length > 0 ? 'problem' : 'news',
    status: items.length > 0 ? count : 'no problem any more',
    items,
  };
}

/** All dead letters of a service for one reason share a thread, and those of an hour are one occasion. */
function aboutDeadLetters({ type, id, sequence, time, data }: Placed<'dead.letter'>): Notice {
  const { service, reason, cause, original } = data;
  return {
    ...{ type, id, sequence, time, mood: 'problem' },
    thread: `dead.${service}.${reason}`,
    occasion: `dead/${time.toISOString().slice(0, 13)}`,
    status: `${service} has a dead letter`,
    items: [{ reason, message: `${original.subject} ${original.sequence}: ${cause}` }],
  };
}
