/** Where a Ticket is and why, in one line. */
export function stateText(state: { readonly is: string; readonly [field: string]: unknown }): string {
  const text = (name: string) => (typeof state[name] === 'string' ? state[name] : undefined);
  const [at, next, station, reason, message] = ['at', 'next', 'station', 'reason', 'message'].map(text);
  const where = station ?? (at !== undefined && next !== undefined ? `${at} -> ${next}` : (next ?? at));
  const head = [state.is, where].filter((part) => part !== undefined).join(' ');
  const until = text('until');
  const why = [reason === undefined ? undefined : `(${reason})`, message]
    .filter((part) => part !== undefined)
    .join(' ');
  return [head, why, until && `until ${until}`].filter(Boolean).join(': ');
}
