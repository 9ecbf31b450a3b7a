import { z } from 'zod';
import type { Service } from './definition.js';

/**
 * What each replica of a service says to all the others, outside of every stream: a replica that is not there at that moment
 * never hears it.
 */
export interface Announcement<Schema extends z.ZodType> {
  readonly subject: string;
  readonly summary: string;
  readonly service: Service;
  readonly schema: Schema;
}

export const trackerPresence = {
  subject: 'k8sta.replica.tracker',
  summary: 'A tracker decides by these tracks files, or shuts down; each says so every three seconds.',
  service: 'tracker',
  schema: z.looseObject({
    replica: z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/, 'must be lower-case letters, digits and "-", at most 64')
      .describe('new with each start'),
    files: z.string().min(1).max(128).describe('the fingerprint of its tracks files'),
    is: z.enum(['here', 'leaving']),
  }),
} satisfies Announcement<z.ZodType>;

export const announcements = [trackerPresence] as const;
