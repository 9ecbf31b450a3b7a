/** The text without these secrets: a server may quote what it was sent, and a message goes into logs and events. */
export function redact(text: string, secrets: readonly string[]): string {
  // The longest first: another secret may be a piece of it, and the rest of it would remain.
  const longestFirst = secrets.filter((secret) => secret !== '').sort((one, other) => other.length - one.length);
  return longestFirst.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
}

/**
 * The answer of a worker without these secrets in its sentences for people, which are its `message` and `why` at any depth
 * and may quote a server. Everything else, such as a branch, has to stay as it is.
 */
export function redactSentences<Answer>(answer: Answer, secrets: readonly string[]): Answer {
  const clean = (value: unknown, key?: string): unknown => {
    if (typeof value === 'string') return key === 'message' || key === 'why' ? redact(value, secrets) : value;
    if (Array.isArray(value)) return value.map((each) => clean(each));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, clean(each, name)]));
  };
  return clean(answer) as Answer;
}
