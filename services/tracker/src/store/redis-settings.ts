import { sanitizeLine } from '@k8sta/text';
import type { Redis } from 'ioredis';

/** The settings with which Redis keeps what it acknowledged after a crash, and why. */
const wanted: Record<string, { value: string; why: string }> = {
  appendonly: { value: 'yes', why: 'without it a restart loses every Ticket since the last snapshot' },
  appendfsync: {
    value: 'always',
    why: 'with everysec a crash loses up to a second of decisions that were acknowledged',
  },
  'maxmemory-policy': { value: 'noeviction', why: 'any other policy may drop a Track silently' },
};

/** The wrong settings of the Redis server, one sentence each; an empty list if there are none. */
export async function settingFaults(redis: Redis): Promise<string[]> {
  const faults: string[] = [];
  for (const [setting, { value, why }] of Object.entries(wanted)) {
    try {
      const [, found] = (await redis.config('GET', setting)) as [string, string];
      if (found !== value)
        faults.push(`Redis has ${setting} ${found}, it has to be ${value} (CONFIG SET, and in redis.conf): ${why}`);
    } catch (error) {
      faults.push(
        `Redis does not report its ${setting} (${sanitizeLine((error as Error).message)}); it must be ${value}: ${why}`,
      );
    }
  }
  return faults;
}
