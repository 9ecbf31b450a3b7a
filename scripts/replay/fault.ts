/** What is wrong with a file that a person gave, and where. */
export class InputFault extends Error {
  constructor(file: string, line: number | undefined, what: string) {
    super(`${file}${line === undefined ? '' : `:${line}`}: ${what}`);
  }
}
