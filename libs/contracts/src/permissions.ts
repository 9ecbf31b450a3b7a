import { catalogue, type Definition } from './catalogue.js';
import { durableOf, filterFor, type Service, type StreamName } from './definition.js';
import { questions } from './questions.js';
import { stateBucket, streams } from './streams.js';

/** What one NATS user may do, in the words of nats-server's configuration. */
export interface Permissions {
  readonly publish: readonly string[];
  /** Of what `publish` allows, what it may not. */
  readonly deny?: readonly string[];
  readonly subscribe: readonly string[];
  /** It may answer what it is asked, once, on the subject that the asker named. */
  readonly answers: boolean;
}

export const services = ['ingest', 'tracker', 'promoter', 'argo-watcher'] as const satisfies readonly Service[];

/** A person's user: sees everything, says nothing. */
export const tap = 'tap';

/** Where the answers to a user's requests arrive. Its own, so that nobody reads another's. */
export function inboxOf(user: string): string {
  return `_INBOX_${user}`;
}

const stateStream = `KV_${stateBucket}`;
const streamNames = [...streams.map(({ name }) => name), stateStream];

/**
 * What a service's NATS user may do (argo-watcher has one for each Argo CD instance): publish its own events, take those
 * it consumes by its own durables, ask and answer its questions. Only the tracker may create and change streams and
 * write to the state bucket: a stream can be told to republish what it holds under other subjects, which would be a way
 * around everything else here.
 */
export function permissionsOf(service: Service, instance = 'default'): Permissions {
  const user = service === 'argo-watcher' && instance !== 'default' ? `${service}-${instance}` : service;
  const published = catalogue.filter(({ publishers }) => includes(publishers, service));
  return {
    publish: [
      ...published.map(({ pattern }) => {
        const own = pattern.replace('{service}', user);
        return filterFor({ pattern: service === 'argo-watcher' ? own.replace('{instance}', instance) : own });
      }),
      ...questions.filter(({ askedBy }) => askedBy === service).map(({ subject }) => subject),
      '$JS.API.INFO',
      ...streamNames.map((name) => `$JS.API.STREAM.INFO.${name}`),
      ...(service === 'tracker' ? keeper : []),
      // A repeated push is answered with where its Ticket is.
      ...(service === 'ingest' ? [`$JS.API.DIRECT.GET.${stateStream}.$KV.${stateBucket}.ticket.>`] : []),
      ...readStreams(service).map((name) => `$JS.API.STREAM.MSG.GET.${name}`),
      ...durables(service).flatMap((definition) => durable(definition, durableOf(user, definition.type))),
    ],
    subscribe: [
      `${inboxOf(user)}.>`,
      ...questions.filter(({ answeredBy }) => answeredBy === service).map(({ subject }) => subject),
    ],
    answers: questions.some(({ answeredBy }) => answeredBy === service),
  };
}

/**
 * A person's user: everything that is said, every stream and the state bucket read. It needs consumers to read with;
 * JetStream delivers a consumer's messages wherever its maker says, so this too is a user for people one trusts.
 */
export const tapPermissions: Permissions = {
  publish: [
    '$JS.API.INFO',
    '$JS.API.STREAM.NAMES',
    '$JS.API.STREAM.LIST',
    ...streamNames.flatMap((name) => [
      ...['STREAM.INFO', 'STREAM.MSG.GET', 'CONSUMER.NAMES', 'CONSUMER.LIST'].map((verb) => `$JS.API.${verb}.${name}`),
      ...['INFO', 'MSG.NEXT', 'DELETE'].map((verb) => `$JS.API.CONSUMER.${verb}.${name}.*`),
      // With its name in the subject, so that a name can be denied.
      `$JS.API.CONSUMER.CREATE.${name}.>`,
    ]),
    `$JS.API.DIRECT.GET.${stateStream}.>`,
    '$JS.FC.>',
  ],
  deny: services.flatMap((service) =>
    durables(service).flatMap(({ stream, type }) => {
      const name = durableOf(service, type);
      return [
        `$JS.API.CONSUMER.CREATE.${stream}.${name}`,
        `$JS.API.CONSUMER.CREATE.${stream}.${name}.>`,
        `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`,
        `$JS.API.CONSUMER.DELETE.${stream}.${name}`,
      ];
    }),
  ),
  subscribe: ['k8sta.>', `${inboxOf(tap)}.>`],
  answers: false,
};

/** What the keeper of the streams and of the state bucket does beside. */
const keeper = [
  ...streamNames.flatMap((name) => [`$JS.API.STREAM.CREATE.${name}`, `$JS.API.STREAM.UPDATE.${name}`]),
  `$JS.API.STREAM.MSG.GET.${stateStream}`,
  `$JS.API.DIRECT.GET.${stateStream}.>`,
  `$KV.${stateBucket}.>`,
];

/**
 * The events a service takes by a durable. None of its own making, except for the tracker: a durable can be told to
 * deliver anywhere, and whoever also wrote the message could say anything to anyone. Its own are read back from the
 * stream instead.
 */
function durables(service: Service): Definition[] {
  return catalogue.filter(
    ({ publishers, consumers }) =>
      includes(consumers, service) && (service === 'tracker' || !includes(publishers, service)),
  );
}

/** All that one needs of a durable; its filter is part of the subject, so that it cannot be widened. */
function durable({ stream, pattern }: Definition, name: string): string[] {
  return [
    `$JS.API.CONSUMER.CREATE.${stream}.${name}.${filterFor({ pattern })}`,
    `$JS.API.CONSUMER.INFO.${stream}.${name}`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`,
    // By a person, after a downgrade: no service ever does.
    `$JS.API.CONSUMER.DELETE.${stream}.${name}`,
    `$JS.ACK.${stream}.${name}.>`,
  ];
}

/** The streams that it reads back from: the tracker what it may have missed, the others what they said themselves. */
function readStreams(service: Service): StreamName[] {
  const read = catalogue.filter(
    ({ publishers, consumers }) =>
      includes(consumers, service) && (service === 'tracker' || includes(publishers, service)),
  );
  return [...new Set(read.map(({ stream }) => stream))];
}

function includes(list: readonly Service[], service: Service): boolean {
  return list.includes(service);
}
