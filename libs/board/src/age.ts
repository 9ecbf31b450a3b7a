import prettyMilliseconds from 'pretty-ms';

/** How long ago, in its largest unit: `0s`, `3s`, `2m`, `5h`. */
export function age(since: string, now: Date): string {
  const ms = now.getTime() - Date.parse(since);
  return ms < 1_000 ? '0s' : prettyMilliseconds(ms, { compact: true });
}
