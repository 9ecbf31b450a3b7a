import type { Definition } from '../catalogue.js';
import { durableOf, filterFor, type Service, userOf } from '../definition.js';
import { stateBucket, streams } from '../streams.js';
import { usesOf } from '../uses.js';

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
 * What a service's NATS user may do (argo-watcher has one for each Argo CD instance): what its {@link usesOf | uses} need,
 * and nothing else. Only the keeper may create and change streams and touch the state bucket: a stream can be told to
 * republish what it holds under other subjects, which would be a way around everything else here.
 */
export function permissionsOf(service: Service, instance = 'default'): Permissions {
  const user = userOf(service, instance);
  const { publishes, consumes, reads, asks, answers, keepsStreams, readsTickets } = usesOf(service);
  const ownSubject = ({ pattern }: Definition) => {
    const own = pattern.replace('{service}', user);
    return filterFor({ pattern: service === 'argo-watcher' ? own.replace('{instance}', instance) : own });
  };
  return {
    publish: [
      ...publishes.map(ownSubject),
      ...asks.map(({ subject }) => subject),
      '$JS.API.INFO',
      ...streamNames.map((name) => `$JS.API.STREAM.INFO.${name}`),
      ...(keepsStreams ? keeper : []),
      ...(readsTickets ? [`$JS.API.DIRECT.GET.${stateStream}.$KV.${stateBucket}.ticket.>`] : []),
      ...[...new Set(reads.map(({ stream }) => stream))].map((name) => `$JS.API.STREAM.MSG.GET.${name}`),
      ...consumes.flatMap((definition) => durable(definition, durableOf(user, definition.type))),
    ],
    subscribe: [`${inboxOf(user)}.>`, ...answers.map(({ subject }) => subject)],
    answers: answers.length > 0,
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
    usesOf(service).consumes.flatMap(({ stream, type }) => {
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
