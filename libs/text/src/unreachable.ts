/** For the `default` of a switch: the compiler refuses it while a case is missing. Throws, naming the value, if one gets here. */
export function unreachable(what: string, value: never): never {
  throw new TypeError(`unknown ${what}: ${JSON.stringify(value)}`);
}
