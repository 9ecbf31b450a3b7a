import {
  announcements,
  apiOperations,
  apiService,
  catalogue,
  type Definition,
  type EventDefinition,
  envelopeSchema,
  noticeBucket,
  questions,
  stateBucket,
  stateKey,
  streams,
  ticketSchema,
  ticketState,
} from '@k8sta/contracts';
import { anchorOf, fieldsTable, forms, shapes } from './fields.js';
import { code, generatedNote, listed, prose, table } from './table.js';

export function eventsReference(): string {
  return [
    generatedNote,
    introduction,
    `## Events\n\n${overview()}`,
    ...catalogue.map(eventSection),
    envelopeSection(),
    shapesSection(),
    streamsSection(),
    stateSection(),
    questionsSection(),
    announcementsSection(),
    apiSection(),
  ]
    .join('\n\n')
    .concat('\n');
}

const introduction = `# Events

The services exchange events over NATS JetStream. Each is a [CloudEvent](#the-envelope) in readable JSON; \`nats sub 'k8sta.>'\`
follows all of them. This page is generated from the catalogue, \`libs/contracts/src/catalogue.ts\`.

- The subject's \`{placeholders}\` are taken from the data. A dot in a Kubernetes name becomes \`_\`, because a subject token cannot
  contain a dot.
- A message id (\`Nats-Msg-Id\`, and the CloudEvent's \`id\`) begins with the type and is derived from the content, so that JetStream
  recognises a repeat.
- Later versions may add fields: a reader must ignore fields that it does not know.`;

function overview(): string {
  return table(
    ['event', 'published by', 'consumed by', 'meaning'],
    catalogue.map((definition) => {
      const { type, summary } = definition;
      return [`[${type}](#${anchorOf(type)})`, publishersOf(definition), consumersOf(definition), prose(summary)];
    }),
  );
}

function eventSection(definition: Definition): string {
  const { type, summary, pattern, stream, schema } = definition;
  const schemaFile = `../libs/contracts/schemas/${type}.json`;
  return [
    `### ${type}`,
    prose(summary),
    [
      `Subject ${code(pattern)}, stream ${code(stream)}; published by ${publishersOf(definition)},`,
      `${isConsumed(definition) ? 'consumed by ' : ''}${consumersOf(definition)}. [JSON Schema](${schemaFile})`,
    ].join(' '),
    fieldsTable(schema),
  ].join('\n\n');
}

function publishersOf({ publishers, only }: Pick<EventDefinition, 'publishers' | 'only'>): string {
  return listed(
    publishers.map((service) => {
      const fixed = Object.values(only?.[service] ?? {}).filter((value) => value !== undefined);
      return fixed.length > 0 ? `${service} (only ${code(fixed.join(', '))})` : service;
    }),
  );
}

/** Otherwise at most some services read it back. */
function isConsumed({ consumers, readers = [] }: Definition): boolean {
  return consumers.length > 0 || readers.length === 0;
}

function consumersOf({ consumers, readers = [] }: Definition): string {
  const reading = readers.filter((service) => !consumers.includes(service));
  const named = [
    ...(consumers.length > 0 ? [listed(consumers)] : []),
    ...(reading.length > 0 ? [`read back by ${listed(reading)}`] : []),
  ];
  return named.length === 0 ? 'no service' : named.join('; ');
}

function envelopeSection(): string {
  return [
    '## The envelope',
    'Every message has this envelope: [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md), structured JSON mode.',
    fieldsTable(envelopeSchema),
  ].join('\n\n');
}

function shapesSection(): string {
  const { 'ticket state': _state, ...objects } = shapes;
  return [
    '## Common types',
    table(
      ['type', 'what it is'],
      [
        ['time', 'RFC 3339 in UTC: `2026-03-01T12:00:00Z`'],
        ...Object.entries(forms).map(([name, { what }]) => [name, what]),
        ['digits', 'a number too large for JSON, as text'],
      ],
    ),
    ...Object.entries(objects).map(([name, schema]) => `### ${name}\n\n${fieldsTable(schema)}`),
    '### ticket state',
    'Where a Ticket is; `is` names the state. A state that waits has a `reason` (a code) and a `message` that says what the Ticket waits for.',
    table(
      ['`is`', 'meaning', 'further fields'],
      ticketState.options.map((state) => {
        const { is, ...rest } = state.shape;
        return [code(is.value), prose(is.description ?? ''), Object.keys(rest).map(code).join(', ')];
      }),
    ),
  ].join('\n\n');
}

function streamsSection(): string {
  return [
    '## Streams',
    'Each stream has its own retention. The tracker creates missing streams, also while it runs, and updates streams whose configuration differs; the other services wait for it.',
    table(
      ['stream', 'contents', 'retention', 'subjects'],
      streams.map(({ name, description, maxAgeDays, lastPerSubject, subjects }) => [
        code(name),
        prose(description),
        lastPerSubject ? 'the last of each subject' : `${maxAgeDays} ${maxAgeDays === 1 ? 'day' : 'days'}`,
        subjects.map(code).join('<br>'),
      ]),
    ),
  ].join('\n\n');
}

function stateSection(): string {
  return [
    '## State',
    `The key-value bucket ${code(stateBucket)} holds the copy from which the tracker restores Redis, and Tickets for people to look up:`,
    table(
      ['key', 'value'],
      [
        [code(stateKey.track('<track>')), "the Track's whole state; only the tracker reads it"],
        [
          code(stateKey.ticket('<track>', '<ticket>')),
          'the current Ticket, with the `version` of the save that wrote it; [JSON Schema](../libs/contracts/schemas/ticket.json)',
        ],
      ],
    ),
    `The bucket ${code(noticeBucket)} holds which messages the notifier has sent; only the notifier uses it. The tracker creates both buckets.`,
    'A Ticket:',
    fieldsTable(ticketSchema),
  ].join('\n\n');
}

function apiSection(): string {
  return [
    '## The API of operators',
    `Request and reply over NATS, as the micro service ${code(apiService)}: ${code('nats micro info k8sta')} shows it. The subject is ${code('k8sta.api.<actor>.<verb>')}; the permissions of NATS users say who may speak as which actor. The tracker answers with ${code('ok')}: if it is false, ${code('reason')} and ${code('message')} say why. A word is stored before its answer.`,
    ...Object.entries(apiOperations).flatMap(([verb, { summary, request, reply }]) => [
      `### k8sta.api.&lt;actor&gt;.${verb}`,
      prose(summary),
      'Request:',
      fieldsTable(request),
      'Reply, if `ok` is true:',
      fieldsTable(reply.options[0]),
    ]),
  ].join('\n\n');
}

function questionsSection(): string {
  return [
    '## Questions',
    'Request and reply over NATS, outside of every stream. The asking service repeats a question that times out. A subject with `<replica>` is answered by one replica of the service.',
    ...questions.flatMap(({ subject, summary, askedBy, answeredBy, request, reply }) => [
      `### ${subject.replace('{replica}', '&lt;replica&gt;')}`,
      `${prose(summary)} Asked by ${askedBy}, answered by ${answeredBy}.`,
      'Request:',
      fieldsTable(request),
      'Reply:',
      fieldsTable(reply),
    ]),
  ].join('\n\n');
}

function announcementsSection(): string {
  return [
    '## Announcements',
    "What the replicas of a service say to each other, outside of every stream. With several trackers, `nats sub 'k8sta.>'` also shows the events that one passes on to the owner of a Track.",
    ...announcements.flatMap(({ subject, summary, service, schema }) => [
      `### ${subject}`,
      `${prose(summary)} Said by each ${service} to the others.`,
      fieldsTable(schema),
    ]),
  ].join('\n\n');
}
