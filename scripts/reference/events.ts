import {
  catalogue,
  type Definition,
  envelopeSchema,
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
  ]
    .join('\n\n')
    .concat('\n');
}

const introduction = `# Events

Services speak by events on NATS JetStream. Each is a [CloudEvent](#the-envelope) in readable JSON; \`nats sub 'k8sta.>'\` follows all
of them. Everything here comes from the one catalogue, \`libs/contracts/src/catalogue.ts\`.

- The subject's \`{placeholders}\` are taken from the data. A dot in a Kubernetes name is written as \`_\`, because a token holds none.
- A message id (\`Nats-Msg-Id\`, and the CloudEvent's \`id\`) begins with the type and follows from what is said: a repeat is recognised.
- Fields may be added in later versions: a reader skips those it does not know.`;

function overview(): string {
  return table(
    ['event', 'published by', 'consumed by', 'what it says'],
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
      `consumed by ${consumersOf(definition)}. [JSON Schema](${schemaFile})`,
    ].join(' '),
    fieldsTable(schema),
  ].join('\n\n');
}

function publishersOf({ publishers }: Definition): string {
  return listed(publishers);
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
    'What every message is wrapped in: [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md), structured JSON mode.',
    fieldsTable(envelopeSchema),
  ].join('\n\n');
}

function shapesSection(): string {
  const { 'ticket state': _state, ...objects } = shapes;
  return [
    '## What occurs in many events',
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
    'Where a Ticket is, told apart by `is`. Whatever it waits for is written in `reason`, in words a person can act on.',
    table(
      ['`is`', 'which means', 'further fields'],
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
    'Divided by how long a message must live. The services create what is missing, also under themselves, and bring what differs into line.',
    table(
      ['stream', 'what is in it', 'kept', 'subjects'],
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
    `The key-value bucket ${code(stateBucket)} holds what Redis is restored from, and what a person may look up:`,
    table(
      ['key', 'value'],
      [
        [code(stateKey.track('<track>')), "the Track's whole state; for the tracker alone"],
        [
          code(stateKey.ticket('<track>', '<ticket>')),
          'the Ticket as it is now, with the `version` of the save that wrote it; [JSON Schema](../libs/contracts/schemas/ticket.json)',
        ],
      ],
    ),
    'A Ticket:',
    fieldsTable(ticketSchema),
  ].join('\n\n');
}

function questionsSection(): string {
  return [
    '## Questions',
    'Request and reply over NATS, outside of every stream. Who does not answer in time is asked again later.',
    ...questions.flatMap(({ subject, summary, askedBy, answeredBy, request, reply }) => [
      `### ${subject}`,
      `${prose(summary)} Asked by ${askedBy}, answered by ${answeredBy}.`,
      'Request:',
      fieldsTable(request),
      'Reply:',
      fieldsTable(reply),
    ]),
  ].join('\n\n');
}
