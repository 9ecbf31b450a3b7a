import { z } from 'zod';
import { imageRepository, label } from './names.js';
import { imageRef, ticketAttempt } from './ticket.js';

/** What an operator can say about a Ticket or a Track. */
export const wordVerbs = [
  'approve',
  'cancel',
  'retry',
  'express',
  'check',
  'pause',
  'resume',
  'promote',
  'rollback',
] as const;
export type WordVerb = (typeof wordVerbs)[number];
export const wordVerb = z.enum(wordVerbs);

/** Who speaks: the actor of the request, or the person that the board or ingest has authenticated. */
export const speaker = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\p{C}]+$/u, 'must not contain control characters');

/** Why a person says a word. */
export const why = z.string().min(1).max(1_000);

/** The name of a check: also a token of the subject of its request. */
export const checkName = label;

export const checkOutcome = z.enum(['passed', 'failed']);

const wordTicket = z.string().min(1).max(64).describe("the Ticket's id");
const wordImage = imageRef.extend({ repository: imageRepository });

/** The fields of every word. */
const head = {
  track: label,
  by: speaker.describe('who says it'),
  message: why.optional().describe('why'),
  at: z.iso.datetime().describe('when the word was accepted'),
};

/** The fields that a word may have, by their verbs in {@link operatorWord}. */
export const wordFields = {
  ...head,
  verb: wordVerb,
  ticket: wordTicket
    .optional()
    .describe('approve, cancel, express, check: the Ticket; retry: the Ticket that has ended'),
  station: label
    .optional()
    .describe(
      'approve, check: the Station to enter; express: the last Station of the express ride; pause, resume: absent for the whole Track; retry, promote: where the new Ticket starts; rollback: the Station',
    ),
  name: checkName.optional().describe('check: the name of the check'),
  outcome: checkOutcome.optional().describe('check: what the checker found'),
  image: wordImage
    .optional()
    .describe('retry, promote: the image of the new Ticket; rollback: the image to go back to'),
  attempt: ticketAttempt.optional().describe('retry, promote, rollback: the attempt of the new Ticket'),
};

/** An operator's word with exactly the fields of its verb. Unknown fields are dropped. */
export const operatorWord = z.discriminatedUnion('verb', [
  z.object({ ...head, verb: z.literal('approve'), ticket: wordTicket, station: label }),
  z.object({ ...head, verb: z.literal('cancel'), ticket: wordTicket }),
  z.object({
    ...{ ...head, verb: z.literal('retry'), ticket: wordTicket, image: wordImage, attempt: ticketAttempt },
    station: label,
  }),
  z.object({ ...head, verb: z.literal('express'), ticket: wordTicket, station: label.optional() }),
  z.object({
    ...{ ...head, verb: z.literal('check'), ticket: wordTicket, station: label },
    ...{ name: checkName, outcome: checkOutcome },
  }),
  z.object({ ...head, verb: z.literal('pause'), station: label.optional() }),
  z.object({ ...head, verb: z.literal('resume'), station: label.optional() }),
  z.object({
    ...head,
    verb: z.literal('promote'),
    image: wordImage,
    attempt: ticketAttempt,
    station: label.optional(),
  }),
  z.object({ ...head, verb: z.literal('rollback'), station: label, image: wordImage, attempt: ticketAttempt }),
]);
export type OperatorWord = z.infer<typeof operatorWord>;
