import { z } from 'zod';
import { announcements } from './announcements.js';
import { apiOperations } from './api.js';
import { catalogue } from './catalogue.js';
import { questions } from './questions.js';
import { ticketSchema } from './ticket.js';

/**
 * The wire as JSON Schema, by file name. Committed under `schemas/` and compared in a test, so that the wire never
 * changes silently.
 */
export function wireSchemas(): Record<string, object> {
  const of = (schema: z.ZodType, title: string) => ({ title, ...z.toJSONSchema(schema, { io: 'input' }) });
  return Object.fromEntries([
    ...catalogue.map(({ type, schema }) => [`${type}.json`, of(schema, type)]),
    ...questions.flatMap(({ subject, request, reply }) => {
      const file = subject.replace('.{replica}', '');
      return [
        [`${file}.request.json`, of(request, `${subject} (request)`)],
        [`${file}.reply.json`, of(reply, `${subject} (reply)`)],
      ];
    }),
    ...announcements.map(({ subject, schema }) => [`${subject}.json`, of(schema, subject)]),
    ...Object.entries(apiOperations).flatMap(([verb, { request, reply }]) => [
      [`k8sta.api.${verb}.request.json`, of(request, `k8sta.api.<actor>.${verb} (request)`)],
      [`k8sta.api.${verb}.reply.json`, of(reply, `k8sta.api.<actor>.${verb} (reply)`)],
    ]),
    ['ticket.json', of(ticketSchema, 'a Ticket in the K8STA_STATE bucket')],
  ]);
}
