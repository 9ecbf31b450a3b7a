import prettyMilliseconds from 'pretty-ms';

/** How long ago, in its largest unit: `0s`, `3s`, `2m`, `5h`. */
export function age(since: string, now: Date): string {
  const ms = now.getTime() - Date.parse(since);
  return ms < 1_000 ? '0s' : prettyMilliseconds(ms, { compact: true });
}

/** Cut to so many columns, with a sign that it was. */
export function cut(text: string, columns: number): string {
  const characters = [...text];
  return characters.length <= columns ? text : `${characters.slice(0, Math.max(0, columns - 1)).join('')}…`;
}
