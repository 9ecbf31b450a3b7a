import { createHash } from 'node:crypto';
import type { Track } from '@k8sta/tracks';

/** The same for the same Tracks, however their files are laid out and ordered. */
export function fingerprintOf(tracks: readonly Track[]): string {
  const byName = [...tracks].sort((a, b) => (a.name < b.name ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(byName, sortKeys)).digest('hex').slice(0, 16);
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
