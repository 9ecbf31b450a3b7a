import { apiSubject, apiVerbs, everyApiSubject } from '../api.js';
import type { Definition } from '../catalogue.js';
import { durableOf, filterFor, patternFor, type Service, userOf } from '../definition.js';
import { operator, questions } from '../questions.js';
import { noticeBucket, stateBucket, streams, watchedStreams } from '../streams.js';
import { usesOf } from '../uses.js';

/** What one NATS user may do, in the terms of nats-server's configuration. */
export interface Permissions {
  readonly publish: readonly string[];
  /** Exceptions from `publish`. */
  readonly deny?: readonly string[];
  readonly subscribe: readonly string[];
  /** Whether it may answer a request, once, on the request's reply subject. */
  readonly answers: boolean;
}

export const services = [
  'ingest',
  'tracker',
  'promoter',
  'argo-watcher',
  'board',
  'notifier',
] as const satisfies readonly Service[];

/** A person's user: it may read everything and publishes no event. */
export const tap = 'tap';

/** The inbox for answers to a user's requests. Each user has its own, so that none can read the answers to another. */
export function inboxOf(user: string): string {
  return `_INBOX_${user}`;
}

const stateStream = `KV_${stateBucket}`;
const streamNames = [...streams.map(({ name }) => name), stateStream];
const noticeStream = `KV_${noticeBucket}`;

/**
 * What a service's NATS user may do (argo-watcher has one user per Argo CD instance): what its {@link usesOf | uses} need,
 * and nothing else. Only the keeper may create and change streams and write to the state bucket: a stream can be configured
 * to republish its messages under other subjects, which would circumvent all other permissions.
 */
export function permissionsOf(service: Service, instance = 'default'): Permissions {
  const user = userOf(service, instance);
  const {
    publishes,
    consumes,
    reads,
    asks,
    answers,
    servesApi,
    keepsStreams,
    readsTickets,
    keepsNotices,
    watches,
    announces,
  } = usesOf(service);
  const announced = announces.map(({ subject }) => subject);
  const questionOn = ({ subject }: { subject: string }) => filterFor({ pattern: subject });
  const ownSubject = (definition: Definition) => {
    const pattern = patternFor(service, definition);
    const own = pattern.replace('{service}', user);
    return filterFor({ pattern: service === 'argo-watcher' ? own.replace('{instance}', instance) : own });
  };
  return {
    publish: [
      ...publishes.map(ownSubject),
      ...asks.map(questionOn),
      ...announced,
      '$JS.API.INFO',
      ...streamNames.map((name) => `$JS.API.STREAM.INFO.${name}`),
      ...(keepsStreams ? keeper : []),
      ...(readsTickets ? [`$JS.API.DIRECT.GET.${stateStream}.$KV.${stateBucket}.ticket.>`] : []),
      ...(keepsNotices ? notices : []),
      ...[...new Set(reads.map(({ stream }) => stream))].map((name) => `$JS.API.STREAM.MSG.GET.${name}`),
      ...consumes.flatMap((definition) => durable(definition, durableOf(user, definition.type))),
      ...(watches ? [...[...watchedStreams, stateStream].flatMap(watching), '$JS.FC.>', everyApiSubject(user)] : []),
    ],
    ...(watches ? { deny: everyDurable() } : {}),
    subscribe: [
      `${inboxOf(user)}.>`,
      ...answers.map(questionOn),
      ...announced,
      ...(servesApi ? [...apiVerbs.map((verb) => apiSubject('*', verb)), '$SRV.>'] : []),
    ],
    answers: answers.length > 0 || servesApi,
  };
}

/**
 * A person's user: may read every event, every stream and the state bucket. It needs consumers to do so, and JetStream
 * delivers a consumer's messages to any subject that its creator names: give this user only to people you trust.
 */
export const tapPermissions: Permissions = {
  publish: [
    '$JS.API.INFO',
    '$JS.API.STREAM.NAMES',
    '$JS.API.STREAM.LIST',
    ...streamNames.flatMap((name) => [
      ...['STREAM.INFO', 'STREAM.MSG.GET', 'CONSUMER.NAMES', 'CONSUMER.LIST'].map((verb) => `$JS.API.${verb}.${name}`),
      ...watching(name),
    ]),
    `$JS.API.DIRECT.GET.${stateStream}.>`,
    '$JS.FC.>',
  ],
  deny: everyDurable(),
  subscribe: ['k8sta.>', `${inboxOf(tap)}.>`],
  answers: false,
};

/** An operator's user: what the tap may do, the questions of operators, and every word as "operator". */
export const operatorPermissions: Permissions = {
  ...tapPermissions,
  publish: [
    ...tapPermissions.publish,
    ...questions.filter(({ askedBy }) => askedBy === operator).map(({ subject }) => subject),
    everyApiSubject(operator),
    // To find micro services: `nats micro ls`.
    '$SRV.>',
  ],
  subscribe: ['k8sta.>', `${inboxOf(operator)}.>`],
};

/** What consumers that are not durable need on one stream. */
function watching(stream: string): string[] {
  return [
    ...['INFO', 'MSG.NEXT', 'DELETE'].map((verb) => `$JS.API.CONSUMER.${verb}.${stream}.*`),
    // With the consumer's name in the subject, so that names can be denied.
    `$JS.API.CONSUMER.CREATE.${stream}.>`,
  ];
}

/** The subjects that concern the durables of services, which nobody else may touch. */
function everyDurable(): string[] {
  return services.flatMap((service) =>
    usesOf(service).consumes.flatMap(({ stream, type }) => {
      const name = durableOf(service, type);
      return [
        `$JS.API.CONSUMER.CREATE.${stream}.${name}`,
        `$JS.API.CONSUMER.CREATE.${stream}.${name}.>`,
        `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`,
        `$JS.API.CONSUMER.DELETE.${stream}.${name}`,
      ];
    }),
  );
}

/** What the keeper of the streams and of the state bucket may do in addition. */
const keeper = [
  ...streamNames.flatMap((name) => [`$JS.API.STREAM.CREATE.${name}`, `$JS.API.STREAM.UPDATE.${name}`]),
  `$JS.API.STREAM.MSG.GET.${stateStream}`,
  `$JS.API.DIRECT.GET.${stateStream}.>`,
  `$KV.${stateBucket}.>`,
  ...['INFO', 'CREATE', 'UPDATE'].map((verb) => `$JS.API.STREAM.${verb}.${noticeStream}`),
];

/** The records of the notifier. Only the keeper creates their bucket. */
const notices = [`$JS.API.DIRECT.GET.${noticeStream}.$KV.${noticeBucket}.>`, `$KV.${noticeBucket}.>`];

/** What a service needs for one durable. The filter is part of the subject, so that it cannot be widened. */
function durable({ stream, pattern }: Definition, name: string): string[] {
  return [
    `$JS.API.CONSUMER.CREATE.${stream}.${name}.${filterFor({ pattern })}`,
    `$JS.API.CONSUMER.INFO.${stream}.${name}`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`,
    // For a person, after a downgrade, and to heal a durable that waits in vain (libs/bus/src/handled.ts).
    `$JS.API.CONSUMER.DELETE.${stream}.${name}`,
    `$JS.ACK.${stream}.${name}.>`,
  ];
}
