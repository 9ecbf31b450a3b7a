/** A fault in a file from a person, with its place. */
export class InputFault extends Error {
  constructor(file: string, line: number | undefined, what: string) {
    super(`${file}${line === undefined ? '' : `:${line}`}: ${what}`);
  }
}
