import { oneLine } from './words.js';

/**
 * A Kubernetes name may hold dots (RFC 1123 subdomain) and a NATS token may not; neither may hold `_` on the
 * Kubernetes side, so `.` <-> `_` is reversible and stays readable in a tap on the bus.
 */
export function escapeToken(name: string): string {
  if (!/^[A-Za-z0-9.-]+$/.test(name)) {
    throw new RangeError(`"${oneLine(name, 100)}" cannot be a subject token: only letters, digits, "-" and "." can`);
  }
  return name.replaceAll('.', '_');
}

/** The name that {@link escapeToken} made the token from. */
export function unescapeToken(token: string): string {
  return token.replaceAll('_', '.');
}

/** What {@link subjectOf} filled the pattern with to make the subject; undefined where it did not. */
export function tokensOf(pattern: string, subject: string): Record<string, string> | undefined {
  const placed = pattern.split('.');
  const tokens = subject.split('.');
  if (placed.length !== tokens.length) return undefined;
  const filled: Record<string, string> = {};
  for (const [index, token] of tokens.entries()) {
    const [, key] = /^\{([a-z]+)\}$/i.exec(placed[index] ?? '') ?? [];
    if (key === undefined && token !== placed[index]) return undefined;
    if (key !== undefined) filled[key] = unescapeToken(token);
  }
  return filled;
}

/** Fills each `{placeholder}` of the pattern with its escaped token. */
export function subjectOf(pattern: string, tokens: Record<string, string>): string {
  return pattern.replace(/\{([a-z]+)\}/gi, (_match, key: string) => {
    const value = tokens[key];
    if (value === undefined) throw new RangeError(`the subject ${pattern} needs "${key}"`);
    return escapeToken(value);
  });
}
