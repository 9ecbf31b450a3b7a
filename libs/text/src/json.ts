/** The JSON value of this text; undefined, which no schema accepts, if it is not JSON. The message of `JSON.parse` would quote it. */
export function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
