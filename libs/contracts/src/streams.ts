import { catalogue } from './catalogue.js';
import { filterFor, type Service, type StreamName } from './definition.js';
import { escapeToken } from './subject.js';

/** The wanted configuration of a JetStream stream, in units for people. */
export interface StreamSpec {
  readonly name: StreamName;
  readonly description: string;
  readonly subjects: readonly string[];
  /** Undefined: messages are kept forever. */
  readonly maxAgeDays?: number;
  /** The maximum size in mebibytes; beyond it the oldest messages are dropped. Undefined: as much as the store has. */
  readonly maxMiB?: number;
  /** Keep the last value of each subject only. */
  readonly lastPerSubject?: boolean;
}

function subjectsOf(stream: StreamName): string[] {
  return catalogue.filter((definition) => definition.stream === stream).map((definition) => filterFor(definition));
}

/**
 * Divided by how long a message must be kept. None may capture the request/reply subjects (`k8sta.api.>`, `k8sta.git.>`):
 * JetStream would answer the requester with its own acknowledgement.
 */
export const streams: readonly StreamSpec[] = [
  {
    name: 'K8STA',
    description: 'Tickets, promotions and the words of operators: the history that a person reads.',
    subjects: subjectsOf('K8STA'),
    maxAgeDays: 30,
  },
  {
    name: 'K8STA_APPLICATIONS',
    description:
      'The last observation of each Argo CD Application and project, and what was last found wrong with each Track.',
    subjects: subjectsOf('K8STA_APPLICATIONS'),
    lastPerSubject: true,
  },
  {
    name: 'K8STA_DELIVERIES',
    description: 'Raw webhooks of the last day, to be replayed; the oldest are dropped first.',
    subjects: subjectsOf('K8STA_DELIVERIES'),
    maxAgeDays: 1,
    // Webhooks that no Track subscribes to must not displace Tickets. JetStream reserves this much of its store.
    maxMiB: 256,
  },
  {
    name: 'K8STA_DEAD',
    description: 'Messages that could never be handled, with the cause.',
    subjects: subjectsOf('K8STA_DEAD'),
    maxAgeDays: 30,
  },
];

/** Every event of the stream `K8STA` about this Track: its Tickets, promotions, checks and words. */
export function subjectsOfTrack(track: string): string {
  return `k8sta.*.${escapeToken(track)}.>`;
}

/** The one service that creates and changes the streams; the others wait for it. */
export const streamKeeper: Service = 'tracker';

/** The one service that answers the API. */
export const apiServer: Service = 'tracker';

/**
 * The services that look up Tickets in the state bucket: ingest answers a repeated push with where its Ticket is, and the
 * notifier sends nothing about a wait that is over.
 */
export const ticketReaders: readonly Service[] = ['ingest', 'notifier'];

/** The one service that writes to the bucket of notices. */
export const noticeKeeper: Service = 'notifier';

/** The services that follow what people look at, as a person with the user tap does: with consumers that are not durable. */
export const watchers: readonly Service[] = ['board'];

/** What they follow: neither raw webhooks nor dead letters, which may contain what a sender did not want to publish. */
export const watchedStreams: readonly StreamName[] = ['K8STA', 'K8STA_APPLICATIONS'];

/** The KV bucket that holds each Track's aggregate (`track.<name>`) and each Ticket (`ticket.<track>.<id>`). */
export const stateBucket = 'K8STA_STATE';

export const stateKey = {
  track: (track: string) => `track.${track}`,
  ticket: (track: string, ticket: string) => `ticket.${track}.${ticket}`,
} as const;

/** The KV bucket that holds which messages the notifier has sent, so that none is sent twice. The stream keeper creates it. */
export const noticeBucket = 'K8STA_NOTIFICATIONS';

/** As long as the history, whose events could be delivered again. */
export const noticeMaxAgeDays = 30;
