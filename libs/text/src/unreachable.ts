/** For the `default` of a switch: it does not compile while a case is missing. Throws an error that names the value. */
export function unreachable(what: string, value: never): never {
  throw new TypeError(`unknown ${what}: ${JSON.stringify(value)}`);
}
