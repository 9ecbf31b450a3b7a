import { sanitizeLine } from '@k8sta/text';
import { RE2JS } from 're2js';

/** Long enough for every tag pattern that people write, and short enough to compile within milliseconds. */
export const longestPattern = 200;

/**
 * How many instructions a compiled pattern may have. RE2 takes time in proportion to them for each character of a tag,
 * and a short pattern can have many: `(a{1000}b{1000})` has 2,000. `^main-[0-9a-f]{40}$` has 49.
 */
export const largestProgram = 1_000;

/** What is wrong with the pattern of a tag rule; undefined if it is valid. */
export function patternFault(pattern: string): string | undefined {
  if (pattern.length > longestPattern) return `must have at most ${longestPattern} characters`;
  try {
    const size = RE2JS.compile(pattern).programSize();
    if (size <= largestProgram) return undefined;
    return `is too complex: it compiles to ${size} instructions, and at most ${largestProgram} are allowed; write smaller repetitions than {1000}`;
  } catch (error) {
    return `must be an RE2 expression: ${sanitizeLine((error as Error).message, 200)}`;
  }
}

/** Each rule's pattern is compiled once, because every webhook is matched against the patterns of all Tracks. */
const compiled = new WeakMap<object, RE2JS>();

/** Whether this rule's pattern finds a match in the tag. */
export function matchesPattern(rule: { readonly pattern: string }, tag: string): boolean {
  let expression = compiled.get(rule);
  if (!expression) {
    expression = RE2JS.compile(rule.pattern);
    compiled.set(rule, expression);
  }
  return expression.test(tag);
}
