import { LRUCache } from 'lru-cache';
import picomatch from 'picomatch';
import { RE2JS } from 're2js';

/** By these picomatch refuses empty names, `.` and `..`. Paths in Git have none, and RE2 knows no look-ahead. */
const lookAheads = ['(?!(?:^|\\/)\\.{1,2}(?:\\/|$))', '(?!\\.{1,2}(?:\\/|$))', '(?!\\.{0,1}(?:\\/|$))', '(?=.)'];

/** Globs come from few Applications and are asked about many times, and to compile one takes longer than to match. */
const compiled = new LRUCache<string, RE2JS>({ max: 500 });

/**
 * Whether a glob from outside matches a whole text: `*`, `?`, `**`, `[a-z]`, `{a,b}`, and a backslash before what stands for
 * itself, as in the globs of Argo CD. Where `crossesSlash`, `*` also matches slashes. What is not a glob matches nothing.
 *
 * It takes linear time: JavaScript's own expressions would take hours for `*a*a*a*a*a*a*a*b` and one long name.
 */
export function globMatcher(
  glob: string,
  { crossesSlash = false }: { readonly crossesSlash?: boolean } = {},
): (text: string) => boolean {
  const key = `${crossesSlash} ${glob}`;
  try {
    const expression = compiled.get(key) ?? compile(glob, crossesSlash);
    compiled.set(key, expression);
    return (text) => expression.matches(text);
  } catch {
    return () => false;
  }
}

function compile(glob: string, bash: boolean): RE2JS {
  const literal = glob.replaceAll(/\\(.)|[()|]/g, (found, escaped?: string) => {
    // picomatch would leave these to the regular expression.
    if (escaped === undefined) return `\\${found}`;
    return /\w/.test(escaped) ? escaped : found;
  });
  const { source } = picomatch.makeRe(literal, { dot: true, nonegate: true, noextglob: true, posix: true, bash });
  return RE2JS.compile(lookAheads.reduce((text, each) => text.replaceAll(each, ''), source));
}
