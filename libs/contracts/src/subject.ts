import { sanitizeLine } from '@k8sta/text';

type PlaceholderOf<Pattern extends string> = Pattern extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PlaceholderOf<Rest>
  : never;

/** The tokens that fill a pattern, by its placeholders: `k8sta.ticket.{track}.opened` needs a `track`. */
export type TokensOf<Pattern extends string> = string extends Pattern
  ? Readonly<Record<string, string>>
  : { readonly [Name in PlaceholderOf<Pattern>]: string };

/**
 * A NATS token must not contain a dot, and a Kubernetes name (RFC 1123 subdomain) may. No Kubernetes name contains `_`, so
 * `.` <-> `_` is reversible, and it stays readable when a person subscribes to the bus.
 */
export function escapeToken(name: string): string {
  if (!/^[A-Za-z0-9.-]+$/.test(name)) {
    throw new RangeError(
      `"${sanitizeLine(name, 100)}" cannot be a subject token: only letters, digits, "-" and "." can`,
    );
  }
  return name.replaceAll('.', '_');
}

/** The name that {@link escapeToken} made the token from. */
export function unescapeToken(token: string): string {
  return token.replaceAll('_', '.');
}

/** The tokens that {@link subjectOf} made this subject from; undefined when the subject does not match the pattern. */
export function tokensOf<Pattern extends string>(pattern: Pattern, subject: string): TokensOf<Pattern> | undefined {
  const placed = pattern.split('.');
  const tokens = subject.split('.');
  if (placed.length !== tokens.length) return undefined;
  const filled: Record<string, string> = {};
  for (const [index, token] of tokens.entries()) {
    const [, key] = /^\{([a-z]+)\}$/i.exec(placed[index] ?? '') ?? [];
    if (key === undefined && token !== placed[index]) return undefined;
    if (key !== undefined) filled[key] = unescapeToken(token);
  }
  // Each placeholder was filled in the loop, which the compiler cannot follow.
  return filled as TokensOf<Pattern>;
}

/** Fills each `{placeholder}` of the pattern with its escaped token. */
export function subjectOf<Pattern extends string>(pattern: Pattern, tokens: TokensOf<Pattern>): string {
  const byName: Readonly<Record<string, string | undefined>> = tokens;
  return pattern.replace(/\{([a-z]+)\}/gi, (_match, key: string) => {
    const value = byName[key];
    if (value === undefined) throw new RangeError(`the subject ${pattern} needs "${key}"`);
    return escapeToken(value);
  });
}
