import { RE2JS } from 're2js';
import { remembered } from '../remembered.js';

/** Names and images are short; a longer text is matched by nothing. */
const maxLength = 1_000;

/** A pattern with more counted repetitions, such as `x{1000}`, compiles to very many instructions. */
const maxCounted = 3;

/**
 * Whether a whole text matches a pattern of kustomize, which are RE2 expressions: it does not escape even the name of an
 * image. What is not an expression, or a very large one, is taken literally.
 */
export function isMatch(pattern: string, text: string, then = ''): boolean {
  if (text.length > maxLength || pattern.length > maxLength) return false;
  const isSmall = pattern.split('{').length - 1 <= maxCounted;
  const { expression } = compiled(`^(?:${isSmall ? pattern : RE2JS.quote(pattern)})${then}$`);
  return (expression ?? compiled(`^${RE2JS.quote(pattern)}${then}$`).expression)?.test(text) ?? false;
}

const compiled = remembered((expression): { readonly expression?: RE2JS } => {
  try {
    return { expression: RE2JS.compile(expression) };
  } catch {
    return {};
  }
}, 64 * 1024);
