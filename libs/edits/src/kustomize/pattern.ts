/** Names and images are short; a longer text is matched by nothing. */
const maxLength = 1_000;

/**
 * Whether a whole text matches a pattern of kustomize, which are regular expressions: it does not escape even the name of
 * an image. Expressions come from files, so those that may take long are taken literally.
 */
export function isMatch(pattern: string, text: string, then = ''): boolean {
  if (text.length > maxLength || pattern.length > maxLength) return false;
  const expression = compile(isQuick(pattern) ? pattern : escaped(pattern), then);
  return (expression ?? compile(escaped(pattern), then))?.test(text) ?? false;
}

/** No quantified group, and few quantifiers. */
function isQuick(pattern: string): boolean {
  return !/\)[*+?{]|\(\?|\\[1-9]/.test(pattern) && (pattern.match(/[*+{]/g)?.length ?? 0) <= 3;
}

function compile(pattern: string, then: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${pattern})${then}$`);
  } catch {
    return undefined;
  }
}

function escaped(pattern: string): string {
  return pattern.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
