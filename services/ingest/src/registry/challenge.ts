/** How a registry wants to be asked: the header WWW-Authenticate of its 401 (RFC 9110, section 11). */
export interface Challenge {
  readonly scheme: 'basic' | 'bearer';
  readonly parameters: Readonly<Record<string, string>>;
}

/** The challenge that we can answer; a token is better than a password. Undefined if there is none. */
export function parseChallenge(header: string | null): Challenge | undefined {
  // Bounded, because the patterns below look back.
  const text = (header ?? '').slice(0, 4_096);
  const challenges = [...text.matchAll(/(?:^|,)\s*(bearer|basic)(?=\s|,|$)/gi)].map((match, at, all): Challenge => {
    const start = match.index + match[0].length;
    return {
      scheme: match[1]?.toLowerCase() === 'bearer' ? 'bearer' : 'basic',
      parameters: parametersOf(text.slice(start, all[at + 1]?.index)),
    };
  });
  return challenges.find(({ scheme }) => scheme === 'bearer') ?? challenges[0];
}

function parametersOf(text: string): Record<string, string> {
  const pairs = text.matchAll(/([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi);
  return Object.fromEntries(
    [...pairs].map(([, name = '', quoted, bare = '']) => [
      name.toLowerCase(),
      quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1'),
    ]),
  );
}
