/** The refusals in the lines of a log: each kind once, with its count. */
export class Refusals {
  readonly #by: string;
  readonly #pattern: RegExp;
  readonly #counts = new Map<string, number>();

  /** `pattern` captures the part of a line that names the refusal and the user. */
  constructor(by: string, pattern: RegExp) {
    this.#by = by;
    this.#pattern = pattern;
  }

  read(line: string): void {
    const [, what] = this.#pattern.exec(line) ?? [];
    // Ids that differ between messages would split one refusal into a hundred kinds.
    if (what !== undefined) this.add(what.replace(/(_INBOX_[a-z-]+\.)\S*?(?=["\s]|$)/g, '$1*').slice(0, 400));
  }

  add(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  list(): string[] {
    return [...this.#counts].map(([what, count]) => `${this.#by}: ${what}${count > 1 ? ` (${count} times)` : ''}`);
  }
}
