import { prerelease, valid } from 'semver';

/** The tag rule for the tags that run, as it is written in a tracks file. */
export type SuggestedTags =
  /** The default rule takes them. */
  | { readonly is: 'default' }
  | { readonly is: 'semver' | 'pattern'; readonly rule: string }
  /** No rule takes all of them and nothing else. */
  | { readonly is: 'unclear' };

/** The ends of tags that a build makes up, from the narrowest: digits of a date or a number, and a commit. */
const ends = ['[0-9]+', '[0-9a-f]{7,40}'];

/** Proposes a rule that takes all of these tags. */
export function suggestTags(tags: readonly string[]): SuggestedTags {
  if (tags.length === 0) return { is: 'unclear' };
  if (tags.every((tag) => valid(tag) !== null)) {
    return tags.every((tag) => prerelease(tag) === null) ? { is: 'default' } : { is: 'semver', rule: '>=0.0.0-0' };
  }
  for (const end of ends) {
    const prefixes = new Set(tags.map((tag) => new RegExp(`^(.*[^0-9a-z]|)${end}$`).exec(tag)?.[1]));
    const [prefix] = prefixes;
    if (prefixes.size === 1 && prefix !== undefined) return { is: 'pattern', rule: `^${escaped(prefix)}${end}$` };
  }
  return { is: 'unclear' };
}

function escaped(text: string): string {
  return text.replaceAll(/[.+^$()[\]{}|\\*?]/g, '\\$&');
}
