import type { StateBucket } from '@k8sta/bus';
import { z } from 'zod';

/** No receiver is named so: their keys contain a dot. */
const key = 'started';

const startedSchema = z.looseObject({ at: z.iso.datetime() });

/** When a notifier first ran on this bus; now, if this is the first. */
export async function firstStart(bucket: StateBucket, now: Date): Promise<Date> {
  const entry = await bucket.get(key);
  if (entry) return new Date(startedSchema.parse(JSON.parse(entry.value)).at);
  const stored = await bucket.replace(key, JSON.stringify({ at: now.toISOString() }), 0);
  // Another replica was faster.
  return stored === undefined ? firstStart(bucket, now) : now;
}
