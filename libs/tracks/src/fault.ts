/** One problem of a tracks file: where it is, and how to fix it. */
export interface Fault {
  readonly file: string;
  /** Both count from 1; absent if the file itself cannot be read. */
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

/** `file:line:column: what is wrong`, which editors and terminals turn into a link. */
export function formatFault({ file, line, column, message }: Fault): string {
  return `${[file, line, column].filter((part) => part !== undefined).join(':')}: ${message}`;
}

/** All faults of the tracks files. */
export class TracksError extends Error {
  override readonly name = 'TracksError';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    const count = `${faults.length} fault${faults.length === 1 ? '' : 's'}`;
    super(`the tracks files have ${count}:\n  ${faults.map(formatFault).join('\n  ')}`);
    this.faults = faults;
  }
}
