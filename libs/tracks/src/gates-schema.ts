import { label } from '@k8sta/contracts';
import { Cron } from 'croner';
import { z } from 'zod';
import { duration } from './duration.js';
import type { Gates, Window } from './track.js';

/** A gate that lists more than this describes a process that no person can follow. */
const most = 20;

/** How many people may be named. */
const mostPeople = 50;

/** The actor of the subject of a request (`k8sta.api.<actor>.approve`), or a person whom the board has authenticated. */
const person = z
  .string()
  .regex(
    /^[A-Za-z0-9@._+-]{1,128}$/,
    'must be the name of a person: letters, digits, "@", ".", "_", "+" and "-", at most 128',
  )
  .describe(
    'A person: the name of a NATS user, or the name under which the board authenticates them, such as an e-mail address.',
  );

export const approvalObject = z.strictObject({
  count: z
    .int({ error: 'must be a whole number' })
    .min(1)
    .max(most)
    .optional()
    .meta({ default: 1 })
    .describe('How many different people must approve.'),
  by: z.array(person).min(1).max(mostPeople).optional().describe('Who may approve. Default: everybody who may say it.'),
  byMerge: z
    .boolean()
    .optional()
    .describe('The merge of the pull request is the approval: the Ticket enters, and the forge says who may merge.'),
});

const whoMerges = 'means nothing with "byMerge": the forge says who may merge, and how many must review';

const approval = approvalObject
  .superRefine(({ count = 1, by, byMerge }, context) => {
    by?.forEach((name, at) => {
      if (by.indexOf(name) < at) context.addIssue({ code: 'custom', path: ['by', at], message: `repeats "${name}"` });
    });
    // An empty list is a fault already.
    if (by && by.length > 0 && count > by.length) {
      const people = by.length === 1 ? 'one person' : `${by.length} people`;
      context.addIssue({ code: 'custom', path: ['count'], message: `is ${count}, but "by" names only ${people}` });
    }
    if (byMerge && by) context.addIssue({ code: 'custom', path: ['by'], message: whoMerges });
  })
  .superRefine(({ count, byMerge }, context) => {
    if (byMerge && count !== undefined) context.addIssue({ code: 'custom', path: ['count'], message: whoMerges });
  })
  .transform(
    ({ count = 1, by, byMerge }): NonNullable<Gates['approval']> => ({
      count,
      ...(by && { by }),
      ...(byMerge && { byMerge }),
    }),
  );

/** The five fields that cron has everywhere; croner alone would accept seconds, nicknames and dates, too. */
const fiveFields = /^\s*\S+(\s+\S+){4}\s*$/;

const schedule = z
  .string()
  .max(100)
  .regex(fiveFields, 'must be a cron expression of five fields, such as "0 8 * * 1-5"')
  .superRefine((text, context) => {
    const message = scheduleFault(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .describe('When the window opens: a cron expression of five fields, for example "0 8 * * 1-5".');

function scheduleFault(text: string): string | undefined {
  if (!fiveFields.test(text)) return undefined;
  try {
    return new Cron(text, { mode: '5-part', timezone: 'UTC' }).nextRun()
      ? undefined
      : 'never comes: no such day exists';
  } catch (error) {
    const cause = (error as Error).message.replace(/^CronPattern: /, '');
    return `must be a cron expression of five fields, such as "0 8 * * 1-5": ${cause}`;
  }
}

const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, 'must be an IANA time zone, such as "Europe/Berlin" or "UTC"')
  .default('UTC')
  .describe('The IANA time zone of the schedule, for example "Europe/Berlin".');

function isTimeZone(name: string): boolean {
  try {
    // Newer versions of Node.js also accept an offset such as "+01:00"; it would ignore daylight saving time.
    return /^[A-Za-z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

export const windowObject = z.strictObject({
  kind: z
    .enum(['allow', 'deny'])
    .describe('"allow": Tickets enter only while such a window is open. "deny": none enters meanwhile; deny wins.'),
  schedule,
  duration: duration.describe('How long the window stays open.'),
  timeZone,
});

const window = windowObject.transform(
  ({ duration: durationMs, ...rest }): Window => ({
    kind: rest.kind,
    schedule: rest.schedule,
    durationMs,
    timeZone: rest.timeZone,
  }),
);

const after = z
  .string()
  .transform((text, context) => {
    const [track, station, ...more] = text.split('/');
    if (more.length === 0 && label.safeParse(track).success && label.safeParse(station).success) {
      return { track: String(track), station: String(station) };
    }
    context.addIssue({ code: 'custom', message: 'must be <track>/<station>, such as "eu/prod"' });
    return z.NEVER;
  })
  .describe('A Station of this or another Track, as <track>/<station>.');

export const checkObject = z.strictObject({
  name: label.describe('A DNS label, unique in the Station.'),
  of: label.optional().describe('The earlier Station that is checked. Default: the Station before.'),
  timeout: duration.prefault('30m').describe('How long the report may take, from the arrival at that Station.'),
});

const check = checkObject.transform(
  ({ name, of, timeout }): WrittenCheck => ({ name, ...(of !== undefined && { of }), timeoutMs: timeout }),
);

/** A check whose Station may be left out. */
export type WrittenCheck = Omit<Gates['checks'][number], 'of'> & { readonly of?: string };

export type WrittenGates = Omit<Gates, 'checks'> & { readonly checks: readonly WrittenCheck[] };

export const gatesObject = z.strictObject({
  approval: approval.optional().describe('The people who must approve each Ticket.'),
  windows: z
    .array(window)
    .min(1)
    .max(most)
    .optional()
    .describe('When Tickets may enter, as the sync windows of Argo CD.'),
  after: z
    .array(after)
    .min(1)
    .max(most)
    .optional()
    .describe('Stations at which the same repository and tag must have arrived.'),
  checks: z.array(check).min(1).max(most).optional().describe('Checks that somebody outside must report as passed.'),
});

export const gates = gatesObject.transform(
  ({ approval: people, windows = [], after: stations = [], checks = [] }): WrittenGates => ({
    ...(people && { approval: people }),
    windows,
    after: stations,
    checks,
  }),
);
