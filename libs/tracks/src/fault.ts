/** One thing that is wrong with a tracks file, where, and how to mend it. */
export interface Fault {
  readonly file: string;
  /** Both count from 1; absent where the file itself could not be read. */
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

/** `file:line:column: what is wrong`, which editors and terminals turn into a link. */
export function spellFault({ file, line, column, message }: Fault): string {
  return `${[file, line, column].filter((part) => part !== undefined).join(':')}: ${message}`;
}

/** Everything that is wrong with the tracks files, at once. */
export class TracksError extends Error {
  override readonly name = 'TracksError';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    const count = `${faults.length} fault${faults.length === 1 ? '' : 's'}`;
    super(`the tracks files have ${count}:\n  ${faults.map(spellFault).join('\n  ')}`);
    this.faults = faults;
  }
}
